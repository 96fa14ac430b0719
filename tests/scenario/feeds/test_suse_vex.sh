#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One CVE in SUSE's OVAL and in its VEX: where both find it that is one finding with two sources, and what VEX calls not
# affected is none, though OVAL says otherwise; OVAL alone finds it.
. "$(dirname "$0")/../lib.sh"
need python3 jq tar
CAREEN=$CAREEN_BIN/careen
export CAREEN_CACHE=$WORK/cache
mkdir -p "$WORK/oval/suse" "$WORK/both/suse"

python3 - "$WORK" <<'END'
import io
import json
import os
import sys
import tarfile

work, cve, release = sys.argv[1], "CVE-2024-0001", "SUSE Linux Enterprise Server 15 SP5"
fixes = {"samba": "4.17.9-150500.3.1", "samba-libs": "4.17.9-150500.3.1"}
tests = objects = states = criteria = ""
for i, (name, version) in enumerate(fixes.items(), 1):
    criteria += f'<criterion test_ref="oval:t:tst:{i}" comment="{name}-{version} is installed"/>'
    tests += (f'<rpminfo_test id="oval:t:tst:{i}" version="1" comment="{name} is &lt;{version}" check="at least one">'
              f'<object object_ref="oval:t:obj:{i}"/><state state_ref="oval:t:ste:{i}"/></rpminfo_test>')
    objects += f'<rpminfo_object id="oval:t:obj:{i}" version="1"><name>{name}</name></rpminfo_object>'
    states += (f'<rpminfo_state id="oval:t:ste:{i}" version="1"><evr datatype="evr_string" operation="less than">'
               f'0:{version}</evr></rpminfo_state>')
oval = f"""<oval_definitions><definitions><definition id="oval:t:def:1" version="1" class="vulnerability"><metadata>
<title>{cve}</title><reference ref_id="{cve}" ref_url="https://www.suse.com/security/cve/{cve}" source="CVE"/>
</metadata><criteria operator="AND"><criterion test_ref="oval:t:tst:9" comment="{release} is installed"/>
<criteria operator="OR">{criteria}</criteria></criteria></definition></definitions>
<tests>{tests}<rpminfo_test id="oval:t:tst:9" version="1" comment="sles-release is ==15.5" check="at least one">
<object object_ref="oval:t:obj:9"/><state state_ref="oval:t:ste:9"/></rpminfo_test></tests>
<objects>{objects}<rpminfo_object id="oval:t:obj:9" version="1"><name>sles-release</name></rpminfo_object></objects>
<states>{states}<rpminfo_state id="oval:t:ste:9" version="1"><version operation="equals">15.5</version></rpminfo_state>
</states></oval_definitions>"""
for folder in ("oval", "both"):
    with open(f"{work}/{folder}/suse/suse.linux.enterprise.15-affected.xml", "w") as f:
        f.write(oval)

names = ["samba-" + fixes["samba"], "samba-libs"]
vex = {"document": {"category": "csaf_vex", "tracking": {"id": cve}},
       "product_tree": {"branches": [{"product": {"name": n, "product_id": n}} for n in [release, *names]],
                        "relationships": [{"full_product_name": {"product_id": f"{release}:{n}"}, "product_reference": n,
                                           "relates_to_product_reference": release} for n in names]},
       "vulnerabilities": [{"cve": cve, "product_status": {"recommended": [f"{release}:{names[0]}"],
                                                           "known_not_affected": [f"{release}:{names[1]}"]}}]}
with tarfile.open(f"{work}/both/suse/csaf-vex.tar.bz2", "w:bz2") as tar:
    data = json.dumps(vex).encode()
    entry = tarfile.TarInfo(f"csaf-vex/{cve.lower()}.json")
    entry.size = len(data)
    tar.addfile(entry, io.BytesIO(data))
parts = [{"type": "operating-system", "name": "sles", "version": "15.5"}] + [
    {"type": "library", "name": n, "purl": f"pkg:rpm/suse/{n}@4.17.9-150500.2.1?arch=x86_64&distro=sles-15.5"} for n in fixes]
with open(os.path.join(work, "sbom.json"), "w") as f:
    json.dump({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": parts}, f)
END

# said FOLDER: package, fixed version and sources of every finding
said() {
  "$CAREEN" feeds update --feeds "$WORK/$1" --cache "$WORK/cache.$1" --only suse --quiet || [ $? = 3 ] || fail "$1: feeds update"
  "$CAREEN" scan "sbom:$WORK/sbom.json" --cache "$WORK/cache.$1" --format json --quiet >"$WORK/$1.json" || [ $? = 3 ] || fail "$1: scan"
  jq -r '.findings[] | "\(.vulnerability) \(.package) \(.fixed_version) \([.sources[] | "\(.feed)=\(.advisory)"] | sort | join(" "))"' "$WORK/$1.json"
}
expect "OVAL alone" "CVE-2024-0001 samba 0:4.17.9-150500.3.1 suse-15=CVE-2024-0001
CVE-2024-0001 samba-libs 0:4.17.9-150500.3.1 suse-15=CVE-2024-0001" "$(said oval)"
expect "OVAL and VEX" "CVE-2024-0001 samba 0:4.17.9-150500.3.1 suse-15=CVE-2024-0001 suse-vex=VEX/CVE-2024-0001" "$(said both)"
say "suse: one finding of two feeds, and VEX's word where it is not affected"
