# Puts the files of a folder into a target, to be served from memory.
#
#   dcrf_embed(dcrf-chat chat pages)
#
# takes every file of ./pages and declares, in "chat/pages.hpp":
#
#   namespace chat {
#   struct asset { std::string_view name, media_type, body; };
#   std::span<const asset> pages();   // sorted by name
#   }
#
# The assembler copies the bytes (.incbin), so the compiler never sees them; a changed file
# reassembles the one object, an added or removed one configures again.

set(_dcrf_media_type_css "text/css; charset=utf-8")
set(_dcrf_media_type_html "text/html; charset=utf-8")
set(_dcrf_media_type_js "text/javascript; charset=utf-8")
set(_dcrf_media_type_json "application/json")
set(_dcrf_media_type_png "image/png")
set(_dcrf_media_type_svg "image/svg+xml")

function(dcrf_embed target namespace folder)
  get_filename_component(directory ${folder} ABSOLUTE)
  get_filename_component(function ${directory} NAME)
  file(GLOB files CONFIGURE_DEPENDS LIST_DIRECTORIES false ${directory}/*)
  list(SORT files)
  list(LENGTH files count)

  set(blobs "")
  set(entries "")
  set(index 0)
  foreach(file ${files})
    get_filename_component(name ${file} NAME)
    get_filename_component(extension ${file} LAST_EXT)
    string(SUBSTRING ${extension} 1 -1 extension)
    set(media_type "${_dcrf_media_type_${extension}}")
    if(NOT media_type)
      message(FATAL_ERROR "dcrf_embed: no media type is known for ${file}")
    endif()
    set(symbol dcrf_embed_${namespace}_${function}_${index})
    string(APPEND blobs "DCRF_EMBED(${symbol}, \"${file}\")\n")
    string(APPEND entries
           "    {\"${name}\", \"${media_type}\", {${symbol}, std::size_t(${symbol}_end - ${symbol})}},\n")
    math(EXPR index "${index} + 1")
  endforeach()

  set(generated ${CMAKE_CURRENT_BINARY_DIR}/embed)
  set(header ${generated}/${namespace}/${function}.hpp)
  set(source ${generated}/${namespace}/${function}.cpp)
  file(CONFIGURE OUTPUT ${header} @ONLY CONTENT [[
#pragma once

#include <span>
#include <string_view>

namespace @namespace@ {

/// A file that is part of the program.
struct asset {
  std::string_view name, media_type, body;
};

/// The files of the folder "@function@", sorted by name.
std::span<const asset> @function@();

} // namespace @namespace@
]])
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT [[
#include "@namespace@/@function@.hpp"

#define DCRF_EMBED(symbol, path)                                                                   \
  extern "C" const char symbol[], symbol##_end[];                                                  \
  asm(".pushsection .rodata\n.global " #symbol "\n.hidden " #symbol "\n" #symbol ":\n.incbin \""    \
      path "\"\n.global " #symbol "_end\n.hidden " #symbol "_end\n" #symbol "_end:\n.byte 0\n"      \
      ".popsection\n");

@blobs@
namespace @namespace@ {

std::span<const asset> @function@() {
  static const asset assets[@count@]{
@entries@  };
  return assets;
}

} // namespace @namespace@
]])

  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${files}")
  target_sources(${target} PRIVATE ${source} ${header})
  target_include_directories(${target} PRIVATE ${generated})
endfunction()
