# SPDX-License-Identifier: Apache-2.0
import os
from confluent_kafka import DeserializingConsumer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer

registry = SchemaRegistryClient({"url": os.environ["CAREEN_SCHEMA_REGISTRY"]})
consumer = DeserializingConsumer({"bootstrap.servers": os.environ["CAREEN_BUS"].removeprefix("kafka://"),
                                  "group.id": os.environ.get("GROUP", "tap"), "auto.offset.reset": "earliest",
                                  "value.deserializer": AvroDeserializer(registry)})
consumer.subscribe(["alerts"])
while True:
    message = consumer.poll(1.0)
    if message and (alert := message.value()):
        about = [alert["vulnerability"], alert["package"]] if alert["vulnerability"] else [alert["findings"], "findings"]
        print(alert["at"], alert["kind"], alert["severity"], *about, *alert["resources"], flush=True)
