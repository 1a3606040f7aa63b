#pragma once

namespace dcrf {

class consumer;
class request;
class runtime;
struct response;
struct scope;

template <class T = void>
class task;

} // namespace dcrf
