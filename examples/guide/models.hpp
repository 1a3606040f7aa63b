#pragma once

#include <dcrf/dcrf.hpp>

#include <cstdint>
#include <optional>
#include <string>

// A blog: what the pages of the guide are about.

namespace blog {

// [structs]
enum class state { draft, published };
BOOST_DESCRIBE_ENUM(state, draft, published)

struct author {
  std::int64_t id{};
  std::string name;
  std::optional<std::string> email;
};
BOOST_DESCRIBE_STRUCT(author, (), (id, name, email))

struct tag {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(tag, (), (name))

struct article {
  std::int64_t id{};
  std::string title;
  std::string text;
  std::int64_t author{};
  state status = state::draft;
  std::int32_t rating = 0;
  dcrf::timestamp created_at;
  dcrf::many_to_many<tag> tags;
};
BOOST_DESCRIBE_STRUCT(article, (), (id, title, text, author, status, rating, created_at, tags))

struct comment {
  std::int64_t id{};
  std::int64_t article{};
  std::optional<std::int64_t> author;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(comment, (), (id, article, author, text))
// [structs]

} // namespace blog

// [models]
template <>
struct dcrf::model<blog::author> {
  using author = blog::author;
  static constexpr auto table = "blog_author";
  using primary_key = dcrf::primary_key<&author::id>;
  using fields = dcrf::fields<dcrf::text_field<&author::name, dcrf::max_length<30>, dcrf::unique>,
                              dcrf::email_field<&author::email, dcrf::max_length<254>>>;
};

template <>
struct dcrf::model<blog::tag> {
  static constexpr auto table = "blog_tag";
  using primary_key = dcrf::primary_key<&blog::tag::name>;
};

template <>
struct dcrf::model<blog::article> {
  using article = blog::article;
  static constexpr auto table = "blog_article";
  using primary_key = dcrf::primary_key<&article::id>;
  using fields = dcrf::fields<
      dcrf::text_field<&article::title, dcrf::max_length<100>>,
      dcrf::text_field<&article::text, dcrf::blank>,
      dcrf::foreign_key<&article::author, blog::author, dcrf::on_delete::cascade>,
      dcrf::field<&article::status, dcrf::defaulted>,
      dcrf::field<&article::rating, dcrf::value_range<0, 5>, dcrf::defaulted, dcrf::indexed>,
      dcrf::auto_now_add<&article::created_at>,
      dcrf::relation<&article::tags, dcrf::related_name<"articles">, dcrf::blank>>;
};

template <>
struct dcrf::model<blog::comment> {
  using comment = blog::comment;
  static constexpr auto table = "blog_comment";
  using primary_key = dcrf::primary_key<&comment::id>;
  using fields =
      dcrf::fields<dcrf::foreign_key<&comment::article, blog::article, dcrf::on_delete::cascade>,
                   dcrf::foreign_key<&comment::author, blog::author, dcrf::on_delete::set_null>,
                   dcrf::text_field<&comment::text, dcrf::max_length<500>>>;
};
// [models]

namespace blog {

struct article_serializer : dcrf::model_serializer<article> {
  using fields = dcrf::shown<dcrf::field<&article::id>, dcrf::field<&article::title>,
                             dcrf::field<&article::rating>>;
};

struct comment_serializer : dcrf::model_serializer<comment> {
  using fields = dcrf::all_fields;
};

} // namespace blog
