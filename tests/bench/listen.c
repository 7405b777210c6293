// Many listeners of one event stream in one small process: when did each hear which event?
//
//     listen PORT PATH COUNT TOKEN
//
// Says "ready" on standard output once every stream has sent its first bytes, listens until standard input ends, then
// prints "id nanoseconds" for everything heard: the event's id and CLOCK_MONOTONIC right after the read that ended its
// id line. Costs a few microseconds an event, so that the server is what is measured. Ends with 1 if a stream ends.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { AT_ONCE = 256, MOST_HEARD = 4 << 20 };

struct stream {
    int fd, matched, welcomed;  // matched: bytes of "\nid: " seen, 5 inside the digits
    long id;
};
struct heard {
    long id, at;
};

static const char START[] = "\nid: ";
static struct heard *heard;
static int heard_count;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static long now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1000000000L + at.tv_nsec;
}

static void take(struct stream *stream, const char *bytes, long count, long at) {
    for (long n = 0; n < count; n++) {
        char byte = bytes[n];
        if (stream->matched == 5 && byte >= '0' && byte <= '9') {
            stream->id = stream->id * 10 + byte - '0';
            continue;
        }
        if (stream->matched == 5 && heard_count < MOST_HEARD) heard[heard_count++] = (struct heard){stream->id, at};
        if (stream->matched == 5) stream->id = stream->matched = 0;
        stream->matched = byte == START[stream->matched] ? stream->matched + 1 : byte == '\n';
    }
}

static int opened(int port, const char *request) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
    if (write(fd, request, strlen(request)) < 0) fail("write");
    return fd;
}

int main(int count, char **words) {
    if (count != 5) return 2;
    int port = atoi(words[1]), streams_count = atoi(words[3]), welcomed = 0;
    char request[1024], bytes[65536];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n\r\n", words[2], words[4]);
    struct rlimit files = {streams_count + 64, streams_count + 64};
    if (setrlimit(RLIMIT_NOFILE, &files)) fail("setrlimit");
    struct stream *streams = calloc(streams_count, sizeof *streams);
    heard = malloc(MOST_HEARD * sizeof *heard);
    int poll = epoll_create1(0);
    struct epoll_event ready[AT_ONCE], want = {.events = EPOLLIN};
    want.data.ptr = NULL;
    if (epoll_ctl(poll, EPOLL_CTL_ADD, 0, &want)) fail("standard input");
    for (int n = 0; n < streams_count; n++) {
        streams[n].fd = opened(port, request);
        want.data.ptr = &streams[n];
        if (epoll_ctl(poll, EPOLL_CTL_ADD, streams[n].fd, &want)) fail("epoll_ctl");
    }
    for (;;) {
        int found = epoll_wait(poll, ready, AT_ONCE, -1);
        for (int n = 0; n < found; n++) {
            struct stream *stream = ready[n].data.ptr;
            if (!stream) {  // standard input has ended
                for (int i = 0; i < heard_count; i++) printf("%ld %ld\n", heard[i].id, heard[i].at);
                return 0;
            }
            long got = read(stream->fd, bytes, sizeof bytes);
            if (got <= 0) fail("a stream ended");
            take(stream, bytes, got, now());
            // the headers may come before the first bytes of the stream, and those are a comment
            if (!stream->welcomed && memmem(bytes, got, "\n: ", 3)) stream->welcomed = 1, welcomed++;
            if (stream->welcomed == 1 && welcomed == streams_count) printf("ready\n"), fflush(stdout), welcomed++;
        }
    }
}
