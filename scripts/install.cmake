# SPDX-License-Identifier: Apache-2.0
# What cmake --install puts beside the programs, and the Debian package that cpack makes of it all.

# Completion and the manual page, by the program itself from the tables behind its --help.
set(documents)
foreach(kind bash fish man)
  set(file ${CMAKE_BINARY_DIR}/documents/careen.${kind})
  add_custom_command(
    OUTPUT ${file}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/documents
    COMMAND sh -c "\"$<TARGET_FILE:careen-full>\" completion ${kind} > '${file}.new' && mv '${file}.new' '${file}'"
    DEPENDS careen-full
    VERBATIM)
  list(APPEND documents ${file})
endforeach()
add_custom_target(careen-documents ALL DEPENDS ${documents})
install(FILES ${CMAKE_BINARY_DIR}/documents/careen.bash RENAME careen DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${CMAKE_BINARY_DIR}/documents/careen.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${CMAKE_BINARY_DIR}/documents/careen.man RENAME careen.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

install(FILES README.md ARCHITECTURE.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/careen)
install(FILES LICENSE RENAME copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/careen)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/careen)
install(DIRECTORY schemas DESTINATION ${CMAKE_INSTALL_DATADIR}/careen)

file(RELATIVE_PATH to_programs ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBEXECDIR}/careen/careen)
install(CODE "
  set(bin \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
  file(MAKE_DIRECTORY \"\${bin}\")
  file(CREATE_LINK \"${to_programs}\" \"\${bin}/careen\" SYMBOLIC)")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME careen)
set(CPACK_PACKAGE_CONTACT "The authors of Careen <careen@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "continuous vulnerability assessment of container images")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
include(CPack)
