/* Adding up the rows of a look-up, in other ways than the engine's: nanoseconds for one pixel.

   gcc -O3 -march=native benchmarks/rows.c -o rows && ./rows      (needs AVX-512 with VNNI)

   Six rows of eight columns of int8, at random places of a part of a table of 25 KB. */
#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PIXELS 256
#define ROWS 6

int8_t table[3125 * 8 + 64] __attribute__((aligned(64)));
int16_t wide_table[3125 * 8 + 64] __attribute__((aligned(64)));
int32_t places[ROWS * PIXELS + 64] __attribute__((aligned(64)));
float weights[ROWS * PIXELS] __attribute__((aligned(64)));
int32_t pairs[ROWS / 2 * PIXELS] __attribute__((aligned(64)));
float sums[PIXELS * 8] __attribute__((aligned(64)));

static __m128i row(int v, int x) { return _mm_loadl_epi64((void *)(table + places[v * PIXELS + x])); }

static __m256 numbers(__m128i row) { return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(row)); }

static __m256 weighted(int v, int x, __m256 row) {
    return _mm256_mul_ps(_mm256_set1_ps(weights[v * PIXELS + x]), row);
}

static void keep(int x, __m256 sum) {
    _mm256_store_ps(sums + 8 * x, _mm256_add_ps(_mm256_load_ps(sums + 8 * x), sum));
}

__attribute__((noinline)) void engine(void) {
    for (int x = 0; x < PIXELS; x++) {
        __m256 sum = _mm256_setzero_ps();
        for (int v = 0; v < ROWS; v++) sum = _mm256_add_ps(sum, weighted(v, x, numbers(row(v, x))));
        keep(x, sum);
    }
}

__attribute__((noinline)) void dot_products(void) {
    for (int x = 0; x < PIXELS; x++) {
        __m256i sum = _mm256_setzero_si256();
        for (int v = 0; v < ROWS; v += 2) {
            __m256i both = _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(row(v, x), row(v + 1, x)));
            sum = _mm256_dpwssd_epi32(sum, both, _mm256_set1_epi32(pairs[v / 2 * PIXELS + x]));
        }
        keep(x, _mm256_mul_ps(_mm256_set1_ps(1e-4f), _mm256_cvtepi32_ps(sum)));
    }
}

__attribute__((noinline)) void prefetched(void) {
    for (int x = 0; x < PIXELS; x++) {
        __m256 sum = _mm256_setzero_ps();
        for (int v = 0; v < ROWS; v++)
            _mm_prefetch(table + places[v * PIXELS + x + 16], _MM_HINT_T0);
        for (int v = 0; v < ROWS; v++) sum = _mm256_add_ps(sum, weighted(v, x, numbers(row(v, x))));
        keep(x, sum);
    }
}

__attribute__((noinline)) void gathered(void) {
    for (int x = 0; x < PIXELS; x += 8) {
        __m256 of_pixel[8];
        for (int k = 0; k < 8; k++) of_pixel[k] = _mm256_setzero_ps();
        for (int v = 0; v < ROWS; v++) {
            int64_t eight[8] __attribute__((aligned(64)));
            __m256i at = _mm256_load_si256((void *)(places + v * PIXELS + x));
            _mm512_store_si512(eight, _mm512_i32gather_epi64(at, table, 1));
            for (int k = 0; k < 8; k++) {
                __m256 values = numbers(_mm_loadl_epi64((void *)(eight + k)));
                of_pixel[k] = _mm256_add_ps(of_pixel[k], weighted(v, x + k, values));
            }
        }
        for (int k = 0; k < 8; k++) keep(x + k, of_pixel[k]);
    }
}

__attribute__((noinline)) void bfloat16(void) {
    const __m256i upper_halves = _mm256_setr_epi8(
        -1, -1, 0, 1, -1, -1, 2, 3, -1, -1, 4, 5, -1, -1, 6, 7,
        -1, -1, 8, 9, -1, -1, 10, 11, -1, -1, 12, 13, -1, -1, 14, 15);
    for (int x = 0; x < PIXELS; x++) {
        __m256 sum = _mm256_setzero_ps();
        for (int v = 0; v < ROWS; v++) {
            __m128i halves = _mm_loadu_si128((void *)(wide_table + places[v * PIXELS + x]));
            __m256i twice = _mm256_broadcastsi128_si256(halves);
            __m256 values = _mm256_castsi256_ps(_mm256_shuffle_epi8(twice, upper_halves));
            sum = _mm256_add_ps(sum, weighted(v, x, values));
        }
        keep(x, sum);
    }
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

int main(void) {
    const char *names[] = {"as the engine", "dot products", "prefetched", "gathered", "bfloat16"};
    void (*ways[])(void) = {engine, dot_products, prefetched, gathered, bfloat16};
    double best[5] = {1, 1, 1, 1, 1};
    for (int i = 0; i < 3125 * 8; i++) table[i] = rand(), wide_table[i] = 0x3f80 + rand() % 128;
    for (int i = 0; i < ROWS * PIXELS; i++) places[i] = 8 * (rand() % 600), weights[i] = 1e-3f * (i % 9);
    for (int i = 0; i < ROWS / 2 * PIXELS; i++) pairs[i] = rand() % 9999 * 65537;
    for (int round = 0; round < 60; round++)
        for (int way = 0; way < 5; way++) {
            double begun = seconds();
            for (int i = 0; i < 300; i++) ways[way]();
            double took = seconds() - begun;
            if (took < best[way]) best[way] = took;
        }
    for (int way = 0; way < 5; way++)
        printf("%-14s %.2f ns, %.2f\n", names[way], 1e9 * best[way] / (300 * PIXELS), best[way] / best[0]);
    return 0;
}
