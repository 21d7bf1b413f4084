using System.IO.Compression;
using System.Net;
using System.Text;
using DeployCard.EndToEnd.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Gateway;

/// <summary>Bodies pass as they come, in both directions, and are never held in memory.</summary>
[Collection<Apart>]
public sealed class StreamingTests(ApartSilo apart)
{
    private const long Gibibyte = 1L << 30;

    /// <summary>What the silo may grow by while one body passes; holding it would take ten times as much.</summary>
    private const long MostGrowth = 100L << 20;

    private readonly EchoDeployment echo = apart.Echo;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pieces_of_an_answer_arrive_when_they_are_sent()
    {
        var opening = echo.Send(HttpMethod.Get, "/pieces?count=3");
        StreamReader? pieces = null;
        for (var i = 0; i < 3; i++)
        {
            // The pod sends a piece only when it is told to: this one has come before the next one exists.
            await echo.Tick();
            pieces ??= new(await (await opening).Content.ReadAsStreamAsync(Cancellation));
            (await pieces.ReadLineAsync(Cancellation)).ShouldBe($"piece {i}");
        }

        (await pieces!.ReadLineAsync(Cancellation)).ShouldBeNull();
        (await opening).Headers.TransferEncodingChunked.ShouldBe(true);
    }

    [Fact]
    public async Task An_upload_of_a_gibibyte_does_not_stay_in_memory()
    {
        using var body = new Zeros(Gibibyte, isChunked: true);
        var growth = await GrowthOfSilo(async () =>
        {
            using var response = await echo.Send(HttpMethod.Post, "/count/gibibyte", body);
            (await response.Content.ReadAsStringAsync(Cancellation)).ShouldBe($"{Gibibyte}");
        });
        growth.ShouldBeLessThan(MostGrowth);
    }

    [Fact]
    public async Task A_download_of_a_gibibyte_does_not_stay_in_memory()
    {
        var growth = await GrowthOfSilo(async () =>
        {
            using var response = await echo.Send(HttpMethod.Get, $"/zeros?bytes={Gibibyte}");
            await using var body = await response.Content.ReadAsStreamAsync(Cancellation);
            (await Length(body)).ShouldBe(Gibibyte);
        });
        growth.ShouldBeLessThan(MostGrowth);
    }

    [Fact]
    public async Task A_download_that_nobody_reads_does_not_stay_in_memory()
    {
        var growth = await GrowthOfSilo(async () =>
        {
            await using var connection = await echo.Open();
            await connection.Write(echo.Head("GET", "/endless/unread") + "\r\n");
            (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 200 OK\n");
            // What the pod could still send in the time of a download that somebody reads would be seen.
            using var other = await echo.Send(HttpMethod.Get, $"/zeros?bytes={Gibibyte / 2}");
            await using var body = await other.Content.ReadAsStreamAsync(Cancellation);
            (await Length(body)).ShouldBe(Gibibyte / 2);
        });
        growth.ShouldBeLessThan(MostGrowth);
    }

    [Fact]
    public async Task A_client_that_waits_for_100_continue_gets_it_before_its_body()
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("POST", "/reverse") + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        (await connection.ReadHead()).ShouldBe("HTTP/1.1 100 Continue\n");

        await connection.Write("hello");
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 200 OK\n");
        (await connection.ReadText(5)).ShouldBe("olleh");
    }

    [Fact]
    public async Task An_early_answer_of_the_pod_arrives_though_the_expected_body_is_not_sent()
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("POST", "/early/413") + "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");
        var head = await connection.ReadHead();
        // Whoever reads a body for the pod asks for it first.
        if (head == "HTTP/1.1 100 Continue\n")
            head = await connection.ReadHead();
        head.ShouldStartWith("HTTP/1.1 413 ");
    }

    [Fact]
    public async Task An_early_answer_of_the_pod_arrives_in_the_middle_of_a_large_upload()
    {
        using var body = new Zeros(Gibibyte / 8, isChunked: false);
        using var response = await echo.Send(HttpMethod.Post, "/early/413", body);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge, text);
        text.ShouldBe("not a byte of it was read");
    }

    /// <summary>The server sends no trailers over HTTP/1.1.</summary>
    [Fact]
    public async Task An_answer_with_trailers_arrives_whole_without_them()
    {
        await using var connection = await echo.Open();
        await connection.Write(
            echo.Head(
                "GET",
                EchoDeployment.Raw(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n"
                )
            ) + "\r\n"
        );
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 200 OK\n");
        (await connection.ReadChunk()).ShouldBe("hello");
        (await connection.ReadChunk()).ShouldBeEmpty();
    }

    /// <summary>No trailer of a request is passed on: the client that sends to pods cannot. It must not turn into a header field.</summary>
    [Fact]
    public async Task A_body_with_trailers_reaches_the_pod_whole_and_its_trailers_are_no_header_fields()
    {
        await using var connection = await echo.Open();
        await connection.Write(
            echo.Head("POST", "/request-trailers") + "Connection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
        );
        await connection.Write("5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n");
        (await connection.ReadHead()).ShouldStartWith("HTTP/1.1 200 OK\n");
        var answer = await connection.ReadToEnd();
        answer.ShouldContain("\"body\":\"hello\"");
        answer.ShouldNotContain("\"X-Sum\":\"5\"");
    }

    [Fact]
    public async Task The_answer_to_HEAD_has_the_fields_of_a_body_and_none()
    {
        await using var connection = await echo.Open();
        await connection.Write(
            echo.Head("HEAD", "/answer/200?header=Content-Length:%201234&header=ETag:%20%22a%22") + "Connection: close\r\n\r\n"
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
    public async Task An_answer_that_has_no_body_gets_none(int code)
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("GET", $"/answer/{code}?header=ETag:%20%22a%22") + "Connection: close\r\n\r\n");
        var head = await connection.ReadHead();
        head.ShouldStartWith($"HTTP/1.1 {code} ");
        head.ShouldContain("ETag: \"a\"\n");
        head.ShouldNotContain("Transfer-Encoding");
        (await connection.ReadToEnd()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_cookie_arrives_in_a_field_of_its_own()
    {
        using var response = await echo.Send(
            HttpMethod.Get,
            "/answer/200?header=Set-Cookie:%20a=1%3B%20Expires=Wed,%2021%20Oct%202037%2007:28:00%20GMT&header=Set-Cookie:%20b=2"
        );
        response.Headers.GetValues("Set-Cookie").ShouldBe(["a=1; Expires=Wed, 21 Oct 2037 07:28:00 GMT", "b=2"]);
    }

    [Fact]
    public async Task A_compressed_answer_passes_untouched()
    {
        using var response = await echo.Send(HttpMethod.Get, "/compressed", null, ("Accept-Encoding", "gzip"));
        response.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
        await using var body = new GZipStream(await response.Content.ReadAsStreamAsync(Cancellation), CompressionMode.Decompress);
        (await new StreamReader(body, Encoding.UTF8).ReadToEndAsync(Cancellation)).ShouldBe("as it was compressed");
    }

    [Fact]
    public async Task A_redirect_is_the_clients_to_follow()
    {
        await using var connection = await echo.Open();
        await connection.Write(echo.Head("GET", "/answer/307?header=Location:%20/elsewhere") + "Connection: close\r\n\r\n");
        var head = await connection.ReadHead();
        head.ShouldStartWith("HTTP/1.1 307 ");
        head.ShouldContain("Location: /elsewhere\n");
    }

    private async Task<long> GrowthOfSilo(Func<Task> action)
    {
        var silo = echo.Card.Silo.Id;
        // Begins the peak anew: that of the start may lie above.
        await File.WriteAllTextAsync($"/proc/{silo}/clear_refs", "5", Cancellation);
        var before = await Memory(silo, "VmRSS");
        await action();
        return await Memory(silo, "VmHWM") - before;
    }

    private static async Task<long> Memory(int process, string field)
    {
        var line = (await File.ReadAllLinesAsync($"/proc/{process}/status", Cancellation)).Single(l =>
            l.StartsWith(field + ":", StringComparison.Ordinal)
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

    /// <summary>A body of any length that takes no memory.</summary>
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
