using System.IO.Compression;
using System.Net;
using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Playground;

public sealed class PlaygroundFileTests
{
    [Fact]
    public async Task Browser_gets_the_page_without_a_token()
    {
        await using var server = await TestServer.Start();

        using var response = await Get(server, "/graphql", "text/html,application/xhtml+xml,*/*;q=0.8");
        var page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        response
            .Headers.GetValues("Content-Security-Policy")
            .ShouldHaveSingleItem()
            .ShouldStartWith("default-src 'none'; script-src 'self';");
        page.ShouldContain("<base href=\"graphql/playground/\" />");
        page.ShouldContain("data-token-required=\"true\"");
    }

    [Fact]
    public async Task Page_of_an_open_server_requires_no_token()
    {
        await using var server = await TestServer.Start(open: true);

        using var response = await Get(server, "/graphql", "text/html");

        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("data-token-required=\"false\"");
    }

    [Theory]
    [InlineData("main.js", "text/javascript")]
    [InlineData("main.css", "text/css")]
    [InlineData("editor.worker.js", "text/javascript")]
    [InlineData("graphql.worker.js", "text/javascript")]
    [InlineData("json.worker.js", "text/javascript")]
    [InlineData("licenses.txt", "text/plain")]
    public async Task File_has_the_same_content_compressed_and_uncompressed(string name, string type)
    {
        await using var server = await TestServer.Start();

        using var plain = await Get(server, "/graphql/playground/" + name, "*/*");
        using var compressed = await Get(server, "/graphql/playground/" + name, "*/*", encoding: "gzip, br");

        plain.Content.Headers.ContentType!.MediaType.ShouldBe(type);
        plain.Content.Headers.ContentEncoding.ShouldBeEmpty();
        compressed.Content.Headers.ContentEncoding.ShouldBe(["br"]);
        await using var body = await compressed.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await using var content = new BrotliStream(body, CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        await content.CopyToAsync(unpacked, TestContext.Current.CancellationToken);
        unpacked.ToArray().ShouldBe(await plain.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Unchanged_file_returns_304()
    {
        await using var server = await TestServer.Start();
        using var first = await Get(server, "/graphql/playground/main.css", "*/*");

        using var again = await Get(server, "/graphql/playground/main.css", "*/*", known: first.Headers.ETag!.ToString());

        again.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Theory]
    [InlineData("nothing.js")]
    [InlineData("index.html")]
    [InlineData("..%2F..%2Fappsettings.json")]
    public async Task Unknown_file_returns_404(string name)
    {
        await using var server = await TestServer.Start();

        (await Get(server, "/graphql/playground/" + name, "*/*")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static async Task<HttpResponseMessage> Get(
        TestServer server,
        string path,
        string accept,
        string? encoding = null,
        string? known = null
    )
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (encoding is not null)
            request.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
        if (known is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", known);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
