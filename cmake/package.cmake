# Makes the installed libraries a CMake package: find_package(dcrf), then dcrf::core, dcrf::actors.
include(CMakePackageConfigHelpers)

set(_dcrf_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/dcrf)
install(EXPORT dcrf-targets NAMESPACE dcrf:: DESTINATION ${_dcrf_package_dir})

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/dcrf-config.cmake.in ${PROJECT_BINARY_DIR}/dcrf-config.cmake
  INSTALL_DESTINATION ${_dcrf_package_dir})
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/dcrf-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/dcrf-config.cmake
              ${PROJECT_BINARY_DIR}/dcrf-config-version.cmake
              ${PROJECT_SOURCE_DIR}/cmake/dependencies.cmake
              ${PROJECT_SOURCE_DIR}/cmake/FindCAF.cmake
              ${PROJECT_SOURCE_DIR}/cmake/FindSOCI.cmake
              ${PROJECT_SOURCE_DIR}/cmake/Findcjose.cmake
              ${PROJECT_SOURCE_DIR}/cmake/FindLibPQ.cmake
              ${PROJECT_SOURCE_DIR}/cmake/Findsodium.cmake
              ${PROJECT_SOURCE_DIR}/cmake/Findunistring.cmake
        DESTINATION ${_dcrf_package_dir})
