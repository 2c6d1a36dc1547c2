// MuLUT's two stages on one plane of bytes, one thread: the yardstick of engine.py.
//
// As fast as careful C gets with the look-ups done one rotation after the other: whole rows, keys
// of fraction and stride sorted by minima and maxima, sixteen 16-bit sums at a time.
#include <immintrin.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { L = 17, STRIDE_A = L * L * L, STRIDE_B = L * L, STRIDE_C = L, STRIDE_D = 1, ROWS = L * L * L * L };
enum { BORDER = 2, OUTPUTS = 16 };

static const int TAPS[3][4][2] = {
    {{0, 0}, {0, 1}, {1, 0}, {1, 1}},
    {{0, 0}, {0, 2}, {2, 0}, {2, 2}},
    {{0, 0}, {1, 1}, {1, 2}, {2, 1}},
};

#define SORT(p, q) { int32_t low = p < q ? p : q; p = p < q ? q : p; q = low; }

// Five row numbers and weights (sixteenths) for every pixel of a row.
static void locate(const uint8_t *restrict pa, const uint8_t *restrict pb, const uint8_t *restrict pc,
                   const uint8_t *restrict pd, int n, uint32_t *restrict rows,
                   int16_t *restrict weights) {
    for (int x = 0; x < n; x++) {
        int a = pa[x], b = pb[x], c = pc[x], d = pd[x];
        int32_t ka = (a & 15) << 16 | STRIDE_A, kb = (b & 15) << 16 | STRIDE_B;
        int32_t kc = (c & 15) << 16 | STRIDE_C, kd = (d & 15) << 16 | STRIDE_D;
        SORT(ka, kb) SORT(kc, kd) SORT(ka, kc) SORT(kb, kd) SORT(kb, kc)
        int row = (a >> 4) * STRIDE_A + (b >> 4) * STRIDE_B + (c >> 4) * STRIDE_C + (d >> 4);
        rows[x] = row;
        rows[n + x] = row += ka & 0xffff;
        rows[2 * n + x] = row += kb & 0xffff;
        rows[3 * n + x] = row += kc & 0xffff;
        rows[4 * n + x] = row + (kd & 0xffff);
        int fa = ka >> 16, fb = kb >> 16, fc = kc >> 16, fd = kd >> 16;
        weights[x] = 16 - fa;
        weights[n + x] = fa - fb;
        weights[2 * n + x] = fb - fc;
        weights[3 * n + x] = fc - fd;
        weights[4 * n + x] = fd;
    }
}

static void look_up_1(const int8_t *restrict table, const uint32_t *restrict rows,
                      const int16_t *restrict weights, int n, int32_t *restrict sums) {
    for (int x = 0; x < n; x++) {
        int sum = 0;
        for (int v = 0; v < 5; v++) sum += weights[v * n + x] * table[rows[v * n + x]];
        sums[x] += sum;
    }
}

static void look_up_16(const int8_t *restrict table, const uint32_t *restrict rows,
                       const int16_t *restrict weights, int n, int16_t *restrict sums) {
    for (int x = 0; x < n; x++) {
        __m256i sum = _mm256_loadu_si256((const __m256i *)(sums + OUTPUTS * x));
        for (int v = 0; v < 5; v++) {
            const int8_t *start = table + OUTPUTS * (size_t)rows[v * n + x];
            __m256i row = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)start));
            __m256i weight = _mm256_set1_epi16(weights[v * n + x]);
            sum = _mm256_add_epi16(sum, _mm256_mullo_epi16(row, weight));
        }
        _mm256_storeu_si256((__m256i *)(sums + OUTPUTS * x), sum);
    }
}

static uint8_t settled(int sixteenths, float divisor, float bias) {
    float v = sixteenths / 16.0f / divisor + bias;
    return (uint8_t)__builtin_rintf(v < 0 ? 0 : v > 255 ? 255 : v);
}

// Surround a plane with copies of its edge.
static void pad(const uint8_t *plane, int height, int width, int stride, uint8_t *padded) {
    for (int y = -BORDER; y < height + BORDER; y++) {
        const uint8_t *row = plane + (y < 0 ? 0 : y >= height ? height - 1 : y) * width;
        uint8_t *to = padded + (y + BORDER) * stride + BORDER;
        memcpy(to, row, width);
        for (int x = 1; x <= BORDER; x++) to[-x] = row[0], to[width - 1 + x] = row[width - 1];
    }
}

// inner: 3 tables of ROWS values; outer: 4 rotations x 3 tables of ROWS x 16, columns rotated back.
void mulut(const uint8_t *plane, int height, int width, const int8_t *inner, const int8_t *outer,
           uint8_t *out) {
    int stride = width + 2 * BORDER;
    uint8_t *padded = malloc((size_t)stride * (height + 2 * BORDER) + 64);
    uint8_t *between = malloc((size_t)width * height);
    uint32_t *rows = malloc(5 * width * sizeof *rows);
    int16_t *weights = malloc(5 * width * sizeof *weights);
    int32_t *narrow = malloc(width * sizeof *narrow);
    int16_t *wide = malloc(OUTPUTS * width * sizeof *wide);
    for (int stage = 0; stage < 2; stage++) {
        pad(stage ? between : plane, height, width, stride, padded);
        for (int y = 0; y < height; y++) {
            memset(narrow, 0, width * sizeof *narrow);
            memset(wide, 0, OUTPUTS * width * sizeof *wide);
            for (int b = 0; b < 3; b++) for (int turns = 0; turns < 4; turns++) {
                const uint8_t *p[4];
                for (int j = 0; j < 4; j++) {
                    int dy = TAPS[b][j][0], dx = TAPS[b][j][1];
                    for (int t = 0; t < turns; t++) { int old = dy; dy = dx; dx = -old; }
                    p[j] = padded + (y + BORDER + dy) * stride + BORDER + dx;
                }
                locate(p[0], p[1], p[2], p[3], width, rows, weights);
                if (stage) look_up_16(outer + (size_t)(turns * 3 + b) * ROWS * OUTPUTS, rows, weights, width, wide);
                else look_up_1(inner + b * ROWS, rows, weights, width, narrow);
            }
            if (!stage) {
                for (int x = 0; x < width; x++) between[y * width + x] = settled(narrow[x], 12, 127);
            } else {
                for (int r = 0; r < 4; r++) for (int x = 0; x < width; x++) for (int c = 0; c < 4; c++)
                    out[((size_t)(4 * y + r) * width + x) * 4 + c] = settled(wide[OUTPUTS * x + 4 * r + c], 3, 0);
            }
        }
    }
    free(padded); free(between); free(rows); free(weights); free(narrow); free(wide);
}
