/* SPDX-License-Identifier: Apache-2.0 */
/*
 * windows.h: what a Windows layer says of itself.
 *  - a registry hive (hive.h), Files/Windows/System32/config/SOFTWARE of a base layer, Hives/Software_Delta of the
 *    others: the facts ProductName, CurrentBuild, UBR, EditionID, InstallationType and DisplayVersion of
 *    Microsoft\Windows NT\CurrentVersion; a package KB… for each installed update that
 *    Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages names, in the key's name or, of a cumulative
 *    update, in the name of the file that it came in (InstallLocation).
 *  - the servicing store, Files/Windows/servicing/Packages: the same by the names of its Package_for_KB… manifests.
 */
#ifndef CAREEN_PACKAGES_WINDOWS_WINDOWS_H
#define CAREEN_PACKAGES_WINDOWS_WINDOWS_H

#define PARSER_WINDOWS_HIVE  "windows-registry"
#define PARSER_WINDOWS_STORE "windows-servicing"

#endif
