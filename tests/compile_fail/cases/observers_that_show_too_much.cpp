// expect: this name is nearly right: write `static constexpr bool deletes_with_key_only
// expect: `deletes_with_key_only` is private or no constant
#include "dcrf/observer/model_observer.hpp"

#include "models.hpp"

struct misspelt : dcrf::model_observer<note> {
  static constexpr bool delete_with_key_only = true;
};

struct hidden : dcrf::model_observer<note> {
private:
  static constexpr bool deletes_with_key_only = true;
};

const auto& a = dcrf::observer_of<misspelt>();
const auto& b = dcrf::observer_of<hidden>();
