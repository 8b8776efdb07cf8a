// OpenSSL for Swift: the headers, and a function for each macro that Swift cannot import.
#pragma once
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

static inline int shim_SSL_CTX_set_min_proto_version(SSL_CTX *context, int version) {
  return (int)SSL_CTX_set_min_proto_version(context, version);
}

static inline int shim_SSL_CTX_set_max_proto_version(SSL_CTX *context, int version) {
  return (int)SSL_CTX_set_max_proto_version(context, version);
}

static inline int shim_SSL_CTX_set1_groups_list(SSL_CTX *context, const char *groups) {
  return (int)SSL_CTX_set1_groups_list(context, groups);
}

static inline void shim_SSL_CTX_set_mode(SSL_CTX *context, long mode) {
  SSL_CTX_set_mode(context, mode);
}

static inline void shim_SSL_CTX_set_read_ahead(SSL_CTX *context, int enabled) {
  SSL_CTX_set_read_ahead(context, enabled);
}

static inline void shim_SSL_CTX_set_session_cache_mode(SSL_CTX *context, long mode) {
  SSL_CTX_set_session_cache_mode(context, mode);
}

static inline int shim_SSL_CTX_add1_chain_cert(SSL_CTX *context, X509 *certificate) {
  return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline int shim_SSL_set_tlsext_host_name(SSL *connection, const char *name) {
  return (int)SSL_set_tlsext_host_name(connection, name);
}

static inline int shim_SSL_set_app_data(SSL *connection, void *data) {
  return SSL_set_app_data(connection, data);
}

static inline void *shim_SSL_get_app_data(const SSL *connection) {
  return SSL_get_app_data(connection);
}

static inline void shim_BIO_clear_retry_flags(BIO *bio) {
  BIO_clear_retry_flags(bio);
}

static inline void shim_BIO_set_retry_read(BIO *bio) {
  BIO_set_retry_read(bio);
}

static inline uint64_t shim_SSL_OP_no_extras(void) {
  return SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION;
}

static inline int shim_GENERAL_NAMES_count(const GENERAL_NAMES *names) {
  return sk_GENERAL_NAME_num(names);
}

static inline const GENERAL_NAME *shim_GENERAL_NAMES_at(const GENERAL_NAMES *names, int index) {
  return sk_GENERAL_NAME_value(names, index);
}

static inline STACK_OF(X509) *shim_X509_stack_new(void) {
  return sk_X509_new_null();
}

// The list alone: it does not own the certificates.
static inline void shim_X509_stack_free(STACK_OF(X509) *stack) {
  sk_X509_free(stack);
}

static inline int shim_X509_stack_push(STACK_OF(X509) *stack, X509 *certificate) {
  return stack == NULL ? 0 : sk_X509_push(stack, certificate);
}

static inline int shim_X509_stack_count(const STACK_OF(X509) *stack) {
  return stack == NULL ? 0 : sk_X509_num(stack);
}

static inline X509 *shim_X509_stack_at(const STACK_OF(X509) *stack, int index) {
  return sk_X509_value(stack, index);
}

// RFC 2253 order and quoting, but letters beyond ASCII as UTF-8 instead of hexadecimal escapes.
static inline unsigned long shim_X509_NAME_format(void) {
  return XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
}

// 1 when the allocator took all, 0 where there is none to tune.
static inline int shim_tune_malloc(int trim_bytes, int mmap_bytes, int arenas) {
#if defined(__GLIBC__)
  return mallopt(M_TRIM_THRESHOLD, trim_bytes) && mallopt(M_MMAP_THRESHOLD, mmap_bytes) && mallopt(M_ARENA_MAX, arenas);
#else
  (void)trim_bytes;
  (void)mmap_bytes;
  (void)arenas;
  return 0;
#endif
}
