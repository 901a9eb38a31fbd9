// SPDX-License-Identifier: Apache-2.0

// The limit that sift is measured against: simdjson's DOM over each line, and SHA-256 of the same
// bytes. Reads a file in pieces as sift does, does nothing with what it finds.
//     dom_sha FILE

#include <cstdio>
#include <cstring>
#include <vector>

#include <openssl/evp.h>
#include <simdjson.h>

int main(int argc, char **argv)
{
    if (argc != 2) {
        return 2;
    }
    std::FILE *file = std::fopen(argv[1], "rb");
    if (!file) {
        return 1;
    }
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    EVP_DigestInit_ex(hash, EVP_sha256(), nullptr);
    simdjson::dom::parser parser;
    std::vector<char> window(4 << 20);
    std::size_t have = 0, records = 0, errors = 0;
    for (;;) {
        std::size_t got = std::fread(window.data() + have, 1,
                                     window.size() - have - simdjson::SIMDJSON_PADDING, file);
        if (got == 0) {
            break;
        }
        EVP_DigestUpdate(hash, window.data() + have, got);
        have += got;
        char *at = window.data();
        char *end = at + have;
        while (char *line =
                   static_cast<char *>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)))) {
            auto result = parser.parse(at, static_cast<std::size_t>(line - at), false);
            errors += result.error() != simdjson::SUCCESS;
            records++;
            at = line + 1;
        }
        have = static_cast<std::size_t>(end - at);
        std::memmove(window.data(), at, have);
    }
    unsigned char digest[32];
    EVP_DigestFinal_ex(hash, digest, nullptr);
    std::printf("%zu records, %zu errors\n", records, errors);
    EVP_MD_CTX_free(hash);
    std::fclose(file);
    return errors != 0;
}
