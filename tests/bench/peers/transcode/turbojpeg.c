/*
 * libjpeg-turbo alone: decoded at the smallest of 1/8, 1/4, 1/2 and 1 that is not smaller than the result, averaged over areas,
 * encoded. The least that a program of a page would do. JPEG only. Orders: orders.h.
 */
#include <turbojpeg.h>

#include "orders.h"

static tjhandle reader, writer;

static int no_other_picture(void) { return refuse(tjGetErrorStr2(reader)); }

/* Every pixel of the result is the mean of the rectangle that it covers, to whole pixels. */
static void average(const unsigned char *from, int width, int height, unsigned char *to, int columns, int rows) {
  for (int y = 0; y < rows; y++) {
    int top = (long)y * height / rows, bottom = (long)(y + 1) * height / rows;
    for (int x = 0; x < columns; x++) {
      int left = (long)x * width / columns, right = (long)(x + 1) * width / columns;
      int sum[3] = {0, 0, 0};
      for (int v = top; v < bottom; v++) {
        const unsigned char *pixel = from + ((size_t)v * width + left) * 3;
        for (int u = left; u < right; u++, pixel += 3) {
          sum[0] += pixel[0];
          sum[1] += pixel[1];
          sum[2] += pixel[2];
        }
      }
      int count = (bottom - top) * (right - left);
      for (int c = 0; c < 3; c++) {
        to[((size_t)y * columns + x) * 3 + c] = (sum[c] + count / 2) / count;
      }
    }
  }
}

static void fit(int width, int height, struct picture *made) {
  double by = (double)LARGEST / (width > height ? width : height);
  by = by > 1 ? 1 : by;
  made->width = width * by + 0.5;
  made->height = height * by + 0.5;
}

static int convert(const unsigned char *file, size_t length, struct picture *made) {
  int width, height, sampling, space;
  if (tjDecompressHeader3(reader, file, length, &width, &height, &sampling, &space)) {
    return no_other_picture();
  }
  fit(width, height, made);
  int by = 8;
  while (by > 1 && ((width + by - 1) / by < made->width || (height + by - 1) / by < made->height)) {
    by /= 2;
  }
  tjscalingfactor factor = {1, by};
  int columns = TJSCALED(width, factor), rows = TJSCALED(height, factor);
  unsigned char *decoded = malloc((size_t)columns * rows * 3);
  unsigned char *small = malloc((size_t)made->width * made->height * 3);
  unsigned long written = 0;
  made->octets = NULL;
  int failed = tjDecompress2(reader, file, length, decoded, columns, 0, rows, TJPF_RGB, 0);
  if (!failed) {
    average(decoded, columns, rows, small, made->width, made->height);
    failed = tjCompress2(writer, small, made->width, 0, made->height, TJPF_RGB, &made->octets, &written, TJSAMP_420,
                         QUALITY, 0);
  }
  made->length = written;
  free(decoded);
  free(small);
  return failed ? no_other_picture() : 0;
}

static void release(struct picture *made) {
  tjFree(made->octets);
  made->octets = NULL;
}

static int other_order(const char *line) {
  (void)line;
  return refuse("no such order");
}

int main(void) {
  reader = tjInitDecompress();
  writer = tjInitCompress();
  return reader && writer ? obey_all() : 1;
}
