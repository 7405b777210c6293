/* Notes what a process does to the files of one directory, in order: creating, writing, cutting, syncing, renaming.
 *
 * LD_PRELOAD it with RECORD_DIR (the directory, absolute) and RECORD_LOG (a file elsewhere, to which others may
 * append notes of their own). Each note is a line "kind inode offset length name\n" and then `length` bytes:
 *   C created   W written at offset   T size set to offset   S synced   D the directory synced   A acknowledged
 *   U unlinked  R renamed to the name in the bytes
 * What is written to a file called "acknowledged" is an A. Shared memory (-shm) is left out: no power cut keeps it.
 * A call and its note are under one lock, so the order of the notes is the order of the calls.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES 4096
enum { OTHER, DIRECTORY, FILE_IN_IT, ACKNOWLEDGED };

static const char *directory;
static int notes = -1;
static char kinds[FILES];
static char *names[FILES];
static unsigned long inodes[FILES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int (*real_open)(const char *, int, ...);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_ftruncate)(int, off64_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_close)(int);
static int (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);

__attribute__((constructor)) static void begin(void)
{
    real_open = dlsym(RTLD_NEXT, "open64");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_write = dlsym(RTLD_NEXT, "write");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_close = dlsym(RTLD_NEXT, "close");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    real_rename = dlsym(RTLD_NEXT, "rename");
    const char *log = getenv("RECORD_LOG");
    directory = getenv("RECORD_DIR");
    if (directory && log)
        notes = real_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static void note(char kind, unsigned long inode, long offset, const char *name, const void *bytes, size_t length)
{
    char line[PATH_MAX + 64];
    size_t n = snprintf(line, sizeof line, "%c %lu %ld %zu %s\n", kind, inode, offset, length, name);
    /* one call: another process may append between two */
    struct iovec parts[] = {{line, n}, {(void *)bytes, length}};
    if (writev(notes, parts, 2) != (ssize_t)(n + length))
        abort(); /* half a record would be taken for a whole one */
}

/* The name in the directory, "" for the directory itself, NULL for anything that is not recorded. */
static const char *inside(const char *path)
{
    size_t n = directory ? strlen(directory) : 0;
    if (notes < 0 || !n || strncmp(path, directory, n) != 0)
        return NULL;
    if (path[n] == 0)
        return path + n;
    size_t length = strlen(path);
    if (path[n] != '/' || (length > 4 && strcmp(path + length - 4, "-shm") == 0))
        return NULL;
    return path + n + 1;
}

static int opened(const char *path, int flags, mode_t mode)
{
    const char *name = inside(path);
    if (!name)
        return real_open(path, flags, mode);
    pthread_mutex_lock(&lock);
    int there = access(path, F_OK) == 0;
    int fd = real_open(path, flags, mode);
    struct stat about;
    if (fd >= 0 && fd < FILES && fstat(fd, &about) == 0) {
        names[fd] = strdup(name);
        inodes[fd] = about.st_ino;
        kinds[fd] = !*name ? DIRECTORY : strcmp(name, "acknowledged") == 0 ? ACKNOWLEDGED : FILE_IN_IT;
        if (kinds[fd] == FILE_IN_IT && !there)
            note('C', about.st_ino, 0, name, NULL, 0);
        else if (kinds[fd] == FILE_IN_IT && flags & O_TRUNC)
            note('T', about.st_ino, 0, name, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

#define MODE                                                                                                           \
    mode_t mode = 0;                                                                                                   \
    if (flags & (O_CREAT | O_TMPFILE)) {                                                                               \
        va_list rest;                                                                                                  \
        va_start(rest, flags);                                                                                         \
        mode = va_arg(rest, mode_t);                                                                                   \
        va_end(rest);                                                                                                  \
    }
int open(const char *path, int flags, ...)
{
    MODE return opened(path, flags, mode);
}
int open64(const char *path, int flags, ...)
{
    MODE return opened(path, flags, mode);
}

static int kind_of(int fd)
{
    return fd >= 0 && fd < FILES ? kinds[fd] : OTHER;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
    if (kind_of(fd) != FILE_IN_IT)
        return real_pwrite(fd, bytes, length, offset);
    pthread_mutex_lock(&lock);
    ssize_t n = real_pwrite(fd, bytes, length, offset);
    if (n > 0)
        note('W', inodes[fd], offset, names[fd], bytes, n);
    pthread_mutex_unlock(&lock);
    return n;
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    return pwrite64(fd, bytes, length, offset);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    int kind = kind_of(fd);
    if (kind != FILE_IN_IT && kind != ACKNOWLEDGED)
        return real_write(fd, bytes, length);
    pthread_mutex_lock(&lock);
    ssize_t n = real_write(fd, bytes, length);
    if (n > 0) /* the offset afterwards is also right for O_APPEND */
        note(kind == ACKNOWLEDGED ? 'A' : 'W', inodes[fd], lseek64(fd, 0, SEEK_CUR) - n, names[fd], bytes, n);
    pthread_mutex_unlock(&lock);
    return n;
}

int ftruncate64(int fd, off64_t size)
{
    if (kind_of(fd) != FILE_IN_IT)
        return real_ftruncate(fd, size);
    pthread_mutex_lock(&lock);
    int failed = real_ftruncate(fd, size);
    if (!failed)
        note('T', inodes[fd], size, names[fd], NULL, 0);
    pthread_mutex_unlock(&lock);
    return failed;
}
int ftruncate(int fd, off_t size)
{
    return ftruncate64(fd, size);
}

static int synced(int fd, int (*real)(int))
{
    int kind = kind_of(fd);
    if (kind != FILE_IN_IT && kind != DIRECTORY)
        return real(fd);
    pthread_mutex_lock(&lock);
    int failed = real(fd);
    if (!failed)
        note(kind == DIRECTORY ? 'D' : 'S', inodes[fd], 0, names[fd], NULL, 0);
    pthread_mutex_unlock(&lock);
    return failed;
}
int fsync(int fd)
{
    return synced(fd, real_fsync);
}
int fdatasync(int fd)
{
    return synced(fd, real_fdatasync);
}

int close(int fd)
{
    if (kind_of(fd) != OTHER) {
        pthread_mutex_lock(&lock);
        kinds[fd] = OTHER;
        free(names[fd]);
        names[fd] = NULL;
        pthread_mutex_unlock(&lock);
    }
    return real_close(fd);
}

int unlink(const char *path)
{
    const char *name = inside(path);
    if (!name || !*name)
        return real_unlink(path);
    pthread_mutex_lock(&lock);
    int failed = real_unlink(path);
    if (!failed)
        note('U', 0, 0, name, NULL, 0);
    pthread_mutex_unlock(&lock);
    return failed;
}

int rename(const char *from, const char *to)
{
    const char *old = inside(from), *new = inside(to);
    if (!old || !new)
        return real_rename(from, to);
    pthread_mutex_lock(&lock);
    int failed = real_rename(from, to);
    if (!failed)
        note('R', 0, 0, old, new, strlen(new));
    pthread_mutex_unlock(&lock);
    return failed;
}
