/*
 * What all peers in C have in common: the orders that they read, a line each, and the line of JSON that answers each.
 *
 *   cpu REPEATS FILE        seconds of processor time for one conversion, the median of so many
 *   peak FILE               octets that resident memory grows by during one conversion; once in a fresh process
 *   write FILE OUT          writes the converted picture
 *
 * A peer defines `convert`, and may know more orders.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LARGEST 320
#define QUALITY 75

struct picture {
  unsigned char *octets; /* to be freed by `release` */
  size_t length;
  int width, height;
};

/* Each gives 0, or says why not in `why` and gives another number. */
static int convert(const unsigned char *file, size_t length, struct picture *made);
static void release(struct picture *made);
static int other_order(const char *line);

static char why[400];

static int refuse(const char *reason) {
  snprintf(why, sizeof why, "%s", reason);
  for (char *c = why; *c; c++) {
    if (*c == '"' || *c == '\\' || (unsigned char)*c < ' ') {
      *c = ' ';
    }
  }
  return -1;
}

static double processor_seconds(void) {
  struct timespec spent;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return spent.tv_sec + spent.tv_nsec / 1e9;
}

/* A field of /proc/self/status, in octets. */
static long status_field(const char *name) {
  FILE *status = fopen("/proc/self/status", "r");
  char line[200];
  long found = -1;
  while (status && fgets(line, sizeof line, status)) {
    if (!strncmp(line, name, strlen(name))) {
      found = atol(line + strlen(name)) * 1024;
    }
  }
  if (status) {
    fclose(status);
  }
  return found;
}

/* From now on the highest resident memory is counted anew. */
static int forget_peak(void) {
  FILE *forget = fopen("/proc/self/clear_refs", "w");
  if (!forget || fputs("5", forget) < 0 || fclose(forget)) {
    return refuse("the peak cannot be reset");
  }
  return 0;
}

static int read_file(const char *path, unsigned char **octets, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    return refuse("no such file");
  }
  fseek(file, 0, SEEK_END);
  *length = ftell(file);
  rewind(file);
  *octets = malloc(*length);
  size_t got = fread(*octets, 1, *length, file);
  fclose(file);
  return got == *length ? 0 : refuse("a file cut short");
}

static int by_size(const void *one, const void *other) {
  double a = *(const double *)one, b = *(const double *)other;
  return (a > b) - (a < b);
}

static int measure_cpu(int repeats, const unsigned char *file, size_t length) {
  double spent[100];
  struct picture made = {0};
  if (repeats < 1 || repeats > 100) {
    return refuse("1 to 100 repeats");
  }
  for (int i = 0; i < repeats; i++) {
    double before = processor_seconds();
    if (convert(file, length, &made)) {
      return -1;
    }
    spent[i] = processor_seconds() - before;
    release(&made);
  }
  qsort(spent, repeats, sizeof *spent, by_size);
  printf("{\"cpu\":%.9f,\"octets\":%zu,\"width\":%d,\"height\":%d}\n", spent[repeats / 2], made.length, made.width,
         made.height);
  return 0;
}

static int measure_peak(const unsigned char *file, size_t length) {
  struct picture made = {0};
  if (forget_peak()) {
    return -1;
  }
  long before = status_field("VmRSS:");
  if (convert(file, length, &made)) {
    return -1;
  }
  long peak = status_field("VmHWM:");
  release(&made);
  printf("{\"peak\":%ld}\n", peak - before);
  return 0;
}

static int write_picture(const unsigned char *file, size_t length, const char *out) {
  struct picture made = {0};
  if (convert(file, length, &made)) {
    return -1;
  }
  FILE *to = fopen(out, "wb");
  int wrong = !to || fwrite(made.octets, 1, made.length, to) != made.length;
  if (to) {
    wrong |= fclose(to);
  }
  release(&made);
  if (wrong) {
    return refuse("the picture cannot be written");
  }
  printf("{\"octets\":%zu,\"width\":%d,\"height\":%d}\n", made.length, made.width, made.height);
  return 0;
}

static int obey(const char *line) {
  char path[300], out[300];
  int repeats = 0;
  unsigned char *file = NULL;
  size_t length = 0;
  int failed;
  if (sscanf(line, "cpu %d %299s", &repeats, path) == 2) {
    failed = read_file(path, &file, &length) || measure_cpu(repeats, file, length);
  } else if (sscanf(line, "peak %299s", path) == 1) {
    failed = read_file(path, &file, &length) || measure_peak(file, length);
  } else if (sscanf(line, "write %299s %299s", path, out) == 2) {
    failed = read_file(path, &file, &length) || write_picture(file, length, out);
  } else {
    failed = other_order(line);
  }
  free(file);
  return failed;
}

static int obey_all(void) {
  char line[1000];
  while (fgets(line, sizeof line, stdin)) {
    if (obey(line)) {
      printf("{\"error\":\"%s\"}\n", why);
    }
    fflush(stdout);
  }
  return 0;
}
