using System.IO.Compression;
using System.Net;
using System.Text;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>Bodies are forwarded as they arrive, in both directions, and are never buffered in memory.</summary>
[Collection<Isolated>]
public sealed class StreamingTests(IsolatedSilo apart)
{
    private const long Gibibyte = 1L << 30;

    /// <summary>Maximum growth of the silo's memory while a body is forwarded. Buffering the body would take ten times as much.</summary>
    private const long MaxGrowth = 100L << 20;

    private readonly EchoDeployment echo = apart.Echo;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Parts_of_a_response_arrive_when_they_are_sent()
    {
        var opening = echo.Send(HttpMethod.Get, "/pieces?count=3");
        StreamReader? pieces = null;
        for (var i = 0; i < 3; i++)
        {
            // The pod sends a part only on request, so this part arrives before the next part exists.
            await echo.Tick();
            pieces ??= new(await (await opening).Content.ReadAsStreamAsync(Cancellation));
            (await pieces.ReadLineAsync(Cancellation)).ShouldBe($"piece {i}");
        }

        (await pieces!.ReadLineAsync(Cancellation)).ShouldBeNull();
        (await opening).Headers.TransferEncodingChunked.ShouldBe(true);
    }

    [Fact]
    public async Task Upload_of_a_gibibyte_is_not_buffered()
    {
        using var body = new Zeros(Gibibyte, isChunked: true);
        var growth = await GrowthOfSilo(async () =>
        {
            using var response = await echo.Send(HttpMethod.Post, "/count/gibibyte", body);
            (await response.Content.ReadAsStringAsync(Cancellation)).ShouldBe($"{Gibibyte}");
        });
        growth.ShouldBeLessThan(MaxGrowth);
    }

    [Fact]
    public async Task Download_of_a_gibibyte_is_not_buffered()
    {
        var growth = await GrowthOfSilo(async () =>
        {
            using var response = await echo.Send(HttpMethod.Get, $"/zeros?bytes={Gibibyte}");
            await using var body = await response.Content.ReadAsStreamAsync(Cancellation);
            (await Length(body)).ShouldBe(Gibibyte);
        });
        growth.ShouldBeLessThan(MaxGrowth);
    }

    [Fact]
    public async Task Unread_download_is_not_buffered()
    {
        var growth = await GrowthOfSilo(async () =>
        {
            await using var connection = await echo.Open();
            await connection.Write(echo.RequestHead("GET", "/endless/unread") + "\r\n");
            (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 200 OK\n");
            // During this second download, buffering of the first download would become visible.
            using var other = await echo.Send(HttpMethod.Get, $"/zeros?bytes={Gibibyte / 2}");
            await using var body = await other.Content.ReadAsStreamAsync(Cancellation);
            (await Length(body)).ShouldBe(Gibibyte / 2);
        });
        growth.ShouldBeLessThan(MaxGrowth);
    }

    [Fact]
    public async Task Client_gets_100_continue_before_it_sends_its_body()
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.RequestHead("POST", "/reverse") + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        (await connection.ReadHead()).ShouldBe("HTTP/1.1 100 Continue\n");

        await connection.Write("hello");
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 200 OK\n");
        (await connection.ReadText(5)).ShouldBe("olleh");
    }

    [Fact]
    public async Task Early_response_of_the_pod_arrives_without_the_expected_body()
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.RequestHead("POST", "/early/413") + "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");
        var head = await connection.ReadHead();
        // A server that reads the body for the pod sends 100 Continue first.
        if (head == "HTTP/1.1 100 Continue\n")
            head = await connection.ReadHead();
        head.ShouldStartWith("HTTP/1.1 413 ");
    }

    [Fact]
    public async Task Early_response_of_the_pod_arrives_during_a_large_upload()
    {
        using var body = new Zeros(Gibibyte / 8, isChunked: false);
        using var response = await echo.Send(HttpMethod.Post, "/early/413", body);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge, text);
        text.ShouldBe("not a byte of it was read");
    }

    /// <summary>Kestrel sends no trailers over HTTP/1.1.</summary>
    [Fact]
    public async Task Response_with_trailers_arrives_complete_without_trailers()
    {
        await using var connection = await echo.Open();
        await connection.Write(
            echo.RequestHead(
                "GET",
                EchoDeployment.RawResponsePath(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\nConnection: close\r\n\r\n5\r\n"
                        + "hello\r\n0\r\nX-Sum: 5\r\n\r\n"
                )
            ) + "\r\n"
        );
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 200 OK\n");
        (await connection.ReadChunk()).ShouldBe("hello");
        (await connection.ReadChunk()).ShouldBeEmpty();
    }

    /// <summary>
    /// Request trailers are not forwarded, because .NET's HTTP client does not support them. They must not become headers.
    /// </summary>
    [Fact]
    public async Task Body_with_trailers_reaches_the_pod_complete_and_trailers_do_not_become_headers()
    {
        await using var connection = await echo.Open();
        await connection.Write(
            echo.RequestHead("POST", "/request-trailers") + "Connection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
        );
        await connection.Write("5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n");
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 200 OK\n");
        var answer = await connection.ReadToEnd();
        answer.ShouldContain("\"body\":\"hello\"");
        answer.ShouldNotContain("\"X-Sum\":\"5\"");
    }

    [Fact]
    public async Task Response_to_HEAD_has_the_headers_of_a_body_but_no_body()
    {
        await using var connection = await echo.Open();
        await connection.Write(
            echo.RequestHead("HEAD", "/answer/200?header=Content-Length:%201234&header=ETag:%20%22a%22") + "Connection: close\r\n\r\n"
        );
        var head = await connection.ReadHead();
        head.ShouldStartWith("HTTP/1.1 200 OK\n");
        head.ShouldContain("Content-Length: 1234\n");
        head.ShouldContain("ETag: \"a\"\n");
        (await connection.ReadToEnd()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task Response_without_a_body_stays_empty(int code)
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.RequestHead("GET", $"/answer/{code}?header=ETag:%20%22a%22") + "Connection: close\r\n\r\n");
        var head = await connection.ReadHead();
        head.ShouldStartWith($"HTTP/1.1 {code} ");
        head.ShouldContain("ETag: \"a\"\n");
        head.ShouldNotContain("Transfer-Encoding");
        (await connection.ReadToEnd()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Each_cookie_arrives_in_a_separate_header()
    {
        using var response = await echo.Send(
            HttpMethod.Get,
            "/answer/200?header=Set-Cookie:%20a=1%3B%20Expires=Wed,%2021%20Oct%202037%2007:28:00%20GMT&header=Set-Cookie:%20b=2"
        );
        response.Headers.GetValues("Set-Cookie").ShouldBe(["a=1; Expires=Wed, 21 Oct 2037 07:28:00 GMT", "b=2"]);
    }

    [Fact]
    public async Task Compressed_response_is_forwarded_unchanged()
    {
        using var response = await echo.Send(HttpMethod.Get, "/compressed", null, ("Accept-Encoding", "gzip"));
        response.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
        await using var body = new GZipStream(await response.Content.ReadAsStreamAsync(Cancellation), CompressionMode.Decompress);
        (await new StreamReader(body, Encoding.UTF8).ReadToEndAsync(Cancellation)).ShouldBe("as it was compressed");
    }

    [Fact]
    public async Task Redirect_is_passed_to_the_client()
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.RequestHead("GET", "/answer/307?header=Location:%20/elsewhere") + "Connection: close\r\n\r\n");
        var head = await connection.ReadHead();
        head.ShouldStartWith("HTTP/1.1 307 ");
        head.ShouldContain("Location: /elsewhere\n");
    }

    private async Task<long> GrowthOfSilo(Func<Task> action)
    {
        var silo = echo.Card.Silo.Id;
        // Resets the peak, because the peak of the startup may be higher.
        await File.WriteAllTextAsync($"/proc/{silo}/clear_refs", "5", Cancellation);
        var before = await Memory(silo, "VmRSS");
        await action();
        return await Memory(silo, "VmHWM") - before;
    }

    private static async Task<long> Memory(int process, string name)
    {
        var line = (await File.ReadAllLinesAsync($"/proc/{process}/status", Cancellation)).Single(l =>
            l.StartsWith(name + ":", StringComparison.Ordinal)
        );
        return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[^2]) * 1024;
    }

    private static async Task<long> Length(Stream body)
    {
        var buffer = new byte[64 * 1024];
        long length = 0;
        while (await body.ReadAsync(buffer, Cancellation) is var read and > 0)
            length += read;
        return length;
    }

    /// <summary>Body of zeros of any length that needs no memory.</summary>
    private sealed class Zeros(long length, bool isChunked) : HttpContent
    {
        private static readonly byte[] Piece = new byte[64 * 1024];

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            for (var left = length; left > 0; left -= Piece.Length)
                await stream.WriteAsync(Piece, cancellationToken);
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = length;
            return !isChunked;
        }
    }
}
