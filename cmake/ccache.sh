#!/bin/sh
# Runs a compiler through ccache. A precompiled header that is made anew is removed first: the preprocessor, which
# ccache asks, would read the old one.
#
# usage: cmake/ccache.sh CCACHE COMPILER...
for argument; do
  case $argument in
    *.gch) rm -f "$argument" ;;
  esac
done
# What it takes to cache what is compiled with precompiled headers.
export CCACHE_SLOPPINESS=pch_defines,time_macros
exec "$@"
