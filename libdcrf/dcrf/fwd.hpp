#pragma once

/// @file
/// The classes that applications name, for headers that only mention them.

namespace dcrf {

// -- JSON and values ------------------------------------------------------------------------------

class json_text;
class json_view;
class json_writer;
class key;
struct date;
struct decimal;
struct timestamp;
struct uuid;

// -- models and the store -------------------------------------------------------------------------

class database;
class instance;
class schema;
class store_failure;
template <class T>
struct many_to_many;
template <class T>
struct model;

// -- serializers ----------------------------------------------------------------------------------

class field_errors;
class validation_error;
struct serializer_context;
struct serializer_descriptor;
template <class T>
class validated;

// -- consumers and observers ----------------------------------------------------------------------

class api_exception;
class consumer;
class presence;
class presence_entry;
class request;
class runtime;
class session_context;
struct group_message;
struct group_name;
struct observed;
struct response;
struct scope;
struct user_info;
template <class T = void>
class task;

// -- views ----------------------------------------------------------------------------------------

class view;
class view_request;
class view_response;
struct http_request;
struct http_response;

// -- what runs them -------------------------------------------------------------------------------

class actor_system_config;
class server;
class test_server;
class test_session;

} // namespace dcrf
