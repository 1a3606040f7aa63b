// CAF is not built with the thread sanitizer, which therefore does not see that what is put into a
// mailbox happens before it is taken out, and takes every message for a race. These functions stand
// before those of CAF (the linker prefers a program's own), say so, and call them; those that count
// references are CAF's own once more, built with the sanitizer.
#include <caf/blocking_actor.hpp>
#include <caf/ref_counted.hpp>
#include <caf/scheduled_actor.hpp>
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <utility>

namespace {

// CAF's function of a mangled name.
template <class Function>
Function* original(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

} // namespace

namespace caf {

// -- actors that are run by events ----------------------------------------------------------------

void scheduled_actor::enqueue(mailbox_element_ptr x, execution_unit* unit) {
  static auto* const next = original<void(scheduled_actor*, mailbox_element_ptr, execution_unit*)>(
      "_ZN3caf15scheduled_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_6detail8disposerEE"
      "PNS_14execution_unitE");
  __tsan_release(x.get());
  __tsan_release(this);
  next(this, std::move(x), unit);
}

void scheduled_actor::launch(execution_unit* unit, bool lazy, bool hide) {
  static auto* const next = original<void(scheduled_actor*, execution_unit*, bool, bool)>(
      "_ZN3caf15scheduled_actor6launchEPNS_14execution_unitEbb");
  __tsan_release(this);
  next(this, unit, lazy, hide);
}

// An actor is run by one thread at a time.
bool scheduled_actor::activate(execution_unit* unit) {
  static auto* const next = original<bool(scheduled_actor*, execution_unit*)>(
      "_ZN3caf15scheduled_actor8activateEPNS_14execution_unitE");
  __tsan_acquire(this);
  auto result = next(this, unit);
  __tsan_release(this);
  return result;
}

scheduled_actor::activation_result scheduled_actor::reactivate(mailbox_element& x) {
  static auto* const next = original<activation_result(scheduled_actor*, mailbox_element&)>(
      "_ZN3caf15scheduled_actor10reactivateERNS_15mailbox_elementE");
  __tsan_acquire(this);
  __tsan_acquire(&x);
  auto result = next(this, x);
  __tsan_release(this);
  return result;
}

// What is in the mailbox still is destroyed.
bool scheduled_actor::finalize() {
  static auto* const next = original<bool(scheduled_actor*)>("_ZN3caf15scheduled_actor8finalizeEv");
  __tsan_acquire(this);
  return next(this);
}

// -- actors that block ----------------------------------------------------------------------------

void blocking_actor::enqueue(mailbox_element_ptr x, execution_unit* unit) {
  static auto* const next = original<void(blocking_actor*, mailbox_element_ptr, execution_unit*)>(
      "_ZN3caf14blocking_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_6detail8disposerEE"
      "PNS_14execution_unitE");
  __tsan_release(this);
  next(this, std::move(x), unit);
}

void blocking_actor::await_data() {
  static auto* const next =
      original<void(blocking_actor*)>("_ZN3caf14blocking_actor10await_dataEv");
  next(this);
  __tsan_acquire(this);
}

bool blocking_actor::await_data(timeout_type deadline) {
  static auto* const next = original<bool(blocking_actor*, timeout_type)>(
      "_ZN3caf14blocking_actor10await_dataENSt6chrono10time_pointINS1_3_V212system_clockENS1_"
      "8durationIlSt5ratioILl1ELl1000000000EEEEEE");
  auto result = next(this, deadline);
  __tsan_acquire(this);
  return result;
}

// -- references -----------------------------------------------------------------------------------

void ref_counted::deref() const noexcept {
  if (unique()) {
    request_deletion(false);
  } else if (rc_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    request_deletion(true);
  }
}

void intrusive_ptr_release_weak(actor_control_block* x) {
  if (x->weak_refs == 1 || x->weak_refs.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    x->block_dtor(x);
  }
}

void intrusive_ptr_release(actor_control_block* x) {
  if (x->strong_refs.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    x->data_dtor(x->get());
    intrusive_ptr_release_weak(x);
  }
}

} // namespace caf
