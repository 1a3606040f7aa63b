#pragma once

#include "dcrf/consumer/model_consumer.hpp"
#include "dcrf/observer/model_observer.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include "conformance/models.hpp"

namespace conformance {

// -- comments and who observes them ---------------------------------------------------------------

struct comment_serializer : dcrf::model_serializer<comment> {
  using fields = dcrf::all_fields;
};

/// Comments, observed in four ways: with a body of their own or without, in one group or in many,
/// and with handlers that send what they like.
class comment_consumer
    : public dcrf::model_consumer<comment_consumer, comment, comment_serializer, dcrf::crud,
                                  dcrf::observe_list, dcrf::observe_count> {
public:
  using filterset_fields = dcrf::filterset_fields<
      dcrf::filter_by<&comment::user>,
      dcrf::filter_by<dcrf::column<&comment::user, &user::username>, "exact", "startswith">,
      dcrf::filter_by<&comment::text, "exact", "icontains">>;
  using search_fields = dcrf::search_fields<&comment::text>;
  using ordering_fields = dcrf::ordering_fields<&comment::id, &comment::text,
                                                dcrf::column<&comment::user, &user::username>>;

  struct every_comment : dcrf::model_observer<comment, comment_serializer> {};

  /// Sends one frame for an event, however often its client has subscribed.
  struct primary_keys : dcrf::model_observer<comment> {
    static dcrf::task<> handle(comment_consumer& self, const dcrf::observed& event);
  };

  struct of_user : dcrf::model_observer<comment, comment_serializer> {
    using groups = dcrf::by<&comment::user>;
  };

  /// Those of a user and those with a primary key, in frames of its own.
  struct shouts : dcrf::model_observer<comment> {
    using by_user = dcrf::by<&comment::user>;
    using by_key = dcrf::by<&comment::id>;
    using groups = dcrf::by_any<by_user, by_key>;
    static dcrf::json_text body(const comment& row, dcrf::change_kind kind);
    static dcrf::task<> handle(comment_consumer& self, const dcrf::observed& event);
  };

  dcrf::task<dcrf::response> subscribe_all(dcrf::request& req);
  dcrf::response unsubscribe_all(std::optional<dcrf::json_text> target, dcrf::request& req);
  dcrf::response unsubscribe_everyone();
  dcrf::task<dcrf::response> subscribe_pks(std::optional<bool> anonymous, dcrf::request& req);
  dcrf::response unsubscribe_pks(std::optional<bool> anonymous, dcrf::request& req);
  dcrf::task<dcrf::response> subscribe_user(std::optional<std::int64_t> user_pk,
                                            dcrf::request& req);
  dcrf::response unsubscribe_user(std::optional<std::int64_t> user_pk, dcrf::request& req);
  dcrf::task<dcrf::response> subscribe_mine(dcrf::request& req);
  dcrf::task<dcrf::response> subscribe_either(std::optional<std::int64_t> user_pk,
                                              std::optional<std::int64_t> comment_pk,
                                              dcrf::request& req);
  dcrf::response unsubscribe_either(std::optional<std::int64_t> user_pk,
                                    std::optional<std::int64_t> comment_pk, dcrf::request& req);

  using actions =
      dcrf::actions<dcrf::action<&comment_consumer::subscribe_all>,
                    dcrf::action<&comment_consumer::unsubscribe_all, "target">,
                    dcrf::action<&comment_consumer::unsubscribe_everyone>,
                    dcrf::action<&comment_consumer::subscribe_pks, "anonymous">,
                    dcrf::action<&comment_consumer::unsubscribe_pks, "anonymous">,
                    dcrf::action<&comment_consumer::subscribe_user, "user_pk">,
                    dcrf::action<&comment_consumer::unsubscribe_user, "user_pk">,
                    dcrf::action<&comment_consumer::subscribe_mine>,
                    dcrf::action<&comment_consumer::subscribe_either, "user_pk", "comment_pk">,
                    dcrf::action<&comment_consumer::unsubscribe_either, "user_pk", "comment_pk">>;
};

/// Observes the comments' primary keys from the start.
struct live_comment_consumer : dcrf::api_consumer<live_comment_consumer, comment_consumer> {
  dcrf::task<> connected() override;
};

// -- the comments of one's own --------------------------------------------------------------------

/// @throws dcrf::validation_error
void refuse_spam(const std::string& text);

bool is_mine(const comment& x, const dcrf::serializer_context& context);

struct own_comment_serializer : dcrf::model_serializer<comment> {
  using fields = dcrf::shown<
      dcrf::field<&comment::id>, dcrf::field<&comment::text, dcrf::validated_by<&refuse_spam>>,
      dcrf::renamed<"author", &comment::user, &user::username>, dcrf::computed<"mine", &is_mine>>;

  static void validate(const dcrf::validated<comment>& data,
                       const dcrf::serializer_context& context);
};

struct brief_comment_serializer : dcrf::model_serializer<comment> {
  using fields = dcrf::shown<dcrf::field<&comment::id>, dcrf::field<&comment::text>>;
};

/// The comments of the connection's user, and of nobody else; lists show them in brief.
class own_comment_consumer
    : public dcrf::model_consumer<own_comment_consumer, comment, own_comment_serializer, dcrf::crud,
                                  dcrf::observe_list> {
public:
  struct search_arguments {
    std::optional<std::string> search;
    BOOST_DESCRIBE_CLASS(search_arguments, (), (search), (), ())
  };

protected:
  dcrf::query<comment> queryset(const dcrf::request& req) const override;
  const dcrf::serializer_descriptor& serializer(const dcrf::request& req) const override;
  dcrf::task<> perform_create(dcrf::validated<comment>& data, dcrf::request& req) override;
};

} // namespace conformance
