using System.Net;
using System.Security.Cryptography;
using System.Text;
using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Transport;

/// <summary>Tests clients that identify an operation by its hash.</summary>
public sealed class PersistedOperationTests
{
    private const string Query = "query Me { me }";
    private static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Query)));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hash_is_known_after_the_text_was_sent_once()
    {
        await using var server = await TestServer.Start();

        using var first = await Post(server, null, Hash);
        first.StatusCode.ShouldBe(HttpStatusCode.OK);
        var unknown = await JsonResponse.Read(first);
        unknown.FirstCode.ShouldBe("PERSISTED_QUERY_NOT_FOUND");
        unknown.Root.GetProperty("errors")[0].GetProperty("message").GetString().ShouldBe("PersistedQueryNotFound");

        (await JsonResponse.Read(await Post(server, Query, Hash))).HasErrors.ShouldBeFalse();
        (await JsonResponse.Read(await Post(server, null, Hash))).Data.GetProperty("me").GetString().ShouldNotBeNull();
        var byGet = await Get(server, Hash.ToUpperInvariant());
        (await JsonResponse.Read(byGet)).Data.GetProperty("me").GetString().ShouldNotBeNull();
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 1, "is not the SHA-256 of the query")]
    [InlineData("abc", 1, "in 64 hexadecimal digits")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 2, "with version 1")]
    public async Task Wrong_hash_is_rejected_and_not_cached(string hash, int version, string message)
    {
        await using var server = await TestServer.Start();

        using var response = await Post(server, Query, hash, version);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var result = await JsonResponse.Read(response);
        result.FirstCode.ShouldBe("INVALID_REQUEST");
        result.Root.GetProperty("errors")[0].GetProperty("message").GetString()!.ShouldContain(message);
        if (version == 1 && hash.Length == 64)
            (await JsonResponse.Read(await Post(server, null, hash))).FirstCode.ShouldBe("PERSISTED_QUERY_NOT_FOUND");
    }

    [Fact]
    public async Task Oldest_operation_is_evicted_when_the_cache_is_full()
    {
        await using var server = await TestServer.Start(options => options.MaxPersistedOperations = 2);
        foreach (var query in Enumerable.Range(0, 5).Select(n => $"query Q{n} {{ me }}").Append(Query))
            (
                await JsonResponse.Read(await Post(server, query, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(query)))))
            ).HasErrors.ShouldBeFalse();

        (await JsonResponse.Read(await Post(server, null, Hash))).HasErrors.ShouldBeFalse();
        var oldest = Convert.ToHexStringLower(SHA256.HashData("query Q0 { me }"u8));
        (await JsonResponse.Read(await Post(server, null, oldest))).FirstCode.ShouldBe("PERSISTED_QUERY_NOT_FOUND");
    }

    [Fact]
    public async Task GET_cannot_run_a_mutation_by_its_hash()
    {
        await using var server = await TestServer.Start();
        const string Mutation = "mutation { __typename }";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Mutation)));
        (await JsonResponse.Read(await Post(server, Mutation, hash))).HasErrors.ShouldBeFalse();

        using var byGet = await Get(server, hash);

        byGet.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    private static Task<HttpResponseMessage> Get(TestServer server, string hash) =>
        server.Http.GetAsync(
            "/graphql?extensions=" + Uri.EscapeDataString($$$"""{"persistedQuery":{"version":1,"sha256Hash":"{{{hash}}}"}}"""),
            Cancellation
        );

    private static async Task<HttpResponseMessage> Post(TestServer server, string? query, string sha256Hash, int version = 1)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql")
        {
            Content = Json.Body(new { query, extensions = new { persistedQuery = new { version, sha256Hash } } }),
            Headers = { { "Accept", "application/graphql-response+json" } },
        };
        return await server.Http.SendAsync(request, Cancellation);
    }
}
