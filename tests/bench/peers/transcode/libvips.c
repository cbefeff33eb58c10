/*
 * libvips as servers use it: vips_thumbnail_buffer, which shrinks while it decodes, and jpegsave_buffer. One thread and no
 * cache of operations. Orders: orders.h, and
 *
 *   reference FILE WIDTH HEIGHT OUT   the whole file decoded at full size, made small in linear light by Lanczos' filter
 *   seen FILE OUT                     the same in linear light and in sRGB, on white where it is transparent, and with little lost
 */
#include <vips/vips.h>

#include "orders.h"

static int complain(void) {
  refuse(vips_error_buffer());
  vips_error_clear();
  return -1;
}

static int convert(const unsigned char *file, size_t length, struct picture *made) {
  VipsImage *small;
  void *octets;
  if (vips_thumbnail_buffer((void *)file, length, &small, LARGEST, "height", LARGEST, "size", VIPS_SIZE_DOWN, NULL)) {
    return complain();
  }
  made->width = small->Xsize;
  made->height = small->Ysize;
  int failed = vips_jpegsave_buffer(small, &octets, &made->length, "Q", QUALITY, "strip", TRUE, NULL);
  g_object_unref(small);
  made->octets = octets;
  return failed ? complain() : 0;
}

static void release(struct picture *made) {
  g_free(made->octets);
  made->octets = NULL;
}

/* A gap of 0: no box filter goes before Lanczos'. */
static VipsImage *by_lanczos(VipsObject *context, const char *path, int width, int height) {
  VipsImage **made = (VipsImage **)vips_object_local_array(context, 4);
  if (!(made[0] = vips_image_new_from_file(path, "access", VIPS_ACCESS_SEQUENTIAL, NULL)) ||
      vips_colourspace(made[0], &made[1], VIPS_INTERPRETATION_scRGB, NULL)) {
    return NULL;
  }
  double across = (double)width / made[0]->Xsize, down = (double)height / made[0]->Ysize;
  if (vips_resize(made[1], &made[2], across, "vscale", down, "kernel", VIPS_KERNEL_LANCZOS3, "gap", 0.0, NULL) ||
      vips_colourspace(made[2], &made[3], VIPS_INTERPRETATION_sRGB, NULL)) {
    return NULL;
  }
  return made[3];
}

/* Its sRGB profile moves saturated colours by some levels: it is asked for where there is a profile to come from, and else not. */
static int seen(const char *path, VipsImage **head, VipsImage **small) {
  if (!(*head = vips_image_new_from_file(path, "access", VIPS_ACCESS_SEQUENTIAL, NULL))) {
    return -1;
  }
  const char *profile = vips_image_get_typeof(*head, VIPS_META_ICC_NAME) ? "srgb" : NULL;
  return vips_thumbnail(path, small, LARGEST, "height", LARGEST, "size", VIPS_SIZE_DOWN, "linear", TRUE, "export_profile", profile, NULL);
}

static int write_as_seen(const char *path, const char *out) {
  VipsObject *context = VIPS_OBJECT(vips_image_new());
  VipsImage **made = (VipsImage **)vips_object_local_array(context, 2);
  VipsArrayDouble *white = vips_array_double_newv(1, 255.0);
  int failed = seen(path, &made[0], &made[1]) ||
               vips_jpegsave(made[1], out, "Q", 95, "subsample_mode", VIPS_FOREIGN_SUBSAMPLE_OFF, "strip", TRUE, "background", white, NULL);
  if (!failed) {
    printf("{\"width\":%d,\"height\":%d}\n", made[1]->Xsize, made[1]->Ysize);
  }
  vips_area_unref(VIPS_AREA(white));
  g_object_unref(context);
  return failed ? complain() : 0;
}

static int other_order(const char *line) {
  char path[300], out[300];
  int width, height;
  if (sscanf(line, "seen %299s %299s", path, out) == 2) {
    return write_as_seen(path, out);
  }
  if (sscanf(line, "reference %299s %d %d %299s", path, &width, &height, out) != 4) {
    return refuse("no such order");
  }
  VipsObject *context = VIPS_OBJECT(vips_image_new());
  vips_concurrency_set(2);
  VipsImage *small = by_lanczos(context, path, width, height);
  int failed = !small || vips_pngsave(small, out, "compression", 1, NULL);
  vips_concurrency_set(1);
  g_object_unref(context);
  if (failed) {
    return complain();
  }
  printf("{\"width\":%d,\"height\":%d}\n", width, height);
  return 0;
}

int main(int count, char **arguments) {
  (void)count;
  if (VIPS_INIT(arguments[0])) {
    return 1;
  }
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  return obey_all();
}
