using System.Net;
using System.Text;
using DeployCard.GraphQL.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.GraphQL.Tests.Transport;

public sealed class HttpTests
{
    private const string NewMedia = "application/graphql-response+json";

    [Theory]
    [InlineData(null, "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/*", "application/json")]
    [InlineData("application/json", "application/json")]
    [InlineData("text/plain, application/json;q=0.5", "application/json")]
    [InlineData(NewMedia, NewMedia)]
    [InlineData(NewMedia + ", application/json;q=0.9", NewMedia)]
    [InlineData("application/json, " + NewMedia + ";q=0.9", "application/json")]
    public async Task Response_has_the_accepted_media_type(string? accept, string media)
    {
        await using var server = await TestServer.Start();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql") { Content = Json.Body(new { query = "{ me }" }) };
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);

        using var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.ToString().ShouldBe(media + "; charset=utf-8");
        (await JsonResponse.Read(response)).Data.GetProperty("me").GetString().ShouldBe("ada");
    }

    [Fact]
    public async Task Unsupported_media_type_returns_406()
    {
        await using var server = await TestServer.Start();

        (await server.Post("{ me }", "image/png")).StatusCode.ShouldBe(HttpStatusCode.NotAcceptable);
    }

    [Theory]
    [InlineData("{ nope }", "application/json", HttpStatusCode.OK)]
    [InlineData("{ nope }", NewMedia, HttpStatusCode.BadRequest)]
    [InlineData("{ me", NewMedia, HttpStatusCode.BadRequest)]
    [InlineData("{ broken }", NewMedia, HttpStatusCode.OK)]
    public async Task Status_of_an_invalid_operation_depends_on_the_media_type(string query, string accept, HttpStatusCode status)
    {
        await using var server = await TestServer.Start();

        (await server.Post(query, accept)).StatusCode.ShouldBe(status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("null")]
    [InlineData("42")]
    [InlineData("{}")]
    [InlineData("{\"query\":\"\"}")]
    [InlineData("{\"query\":7}")]
    [InlineData("{\"query\":\"{ me }\",\"variables\":7}")]
    [InlineData("[{\"query\":\"{ me }\"}]")]
    public async Task Body_that_is_not_one_request_returns_400(string body)
    {
        await using var server = await TestServer.Start();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var response = await server.Http.PostAsync("/graphql", content, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await JsonResponse.Read(response)).FirstCode.ShouldBe("INVALID_REQUEST");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/json; charset=iso-8859-1")]
    public async Task Body_of_another_content_type_returns_415(string type)
    {
        await using var server = await TestServer.Start();
        using var content = new ByteArrayContent("{\"query\":\"{ me }\"}"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        (await server.Http.PostAsync("/graphql", content, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(
            HttpStatusCode.UnsupportedMediaType
        );
    }

    [Fact]
    public async Task Batch_is_rejected_with_an_explanation()
    {
        await using var server = await TestServer.Start();
        using var content = Json.Body(new[] { new { query = "mutation { count }" }, new { query = "mutation { count }" } });

        using var response = await server.Http.PostAsync("/graphql", content, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await JsonResponse.Read(response)).FirstError.GetProperty("message").GetString()!.ShouldContain("a batch");
        server.Streams.Produced.ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Too_large_body_returns_413(bool chunked)
    {
        await using var server = await TestServer.Start(options => options.MaxBodyBytes = 2000);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql")
        {
            Content = Json.Body(new { query = "{ me }" + new string(' ', 3000) }),
        };
        request.Headers.TransferEncodingChunked = chunked;

        (await server.Http.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(
            HttpStatusCode.RequestEntityTooLarge
        );
    }

    [Fact]
    public async Task Other_methods_return_405_with_the_allowed_methods()
    {
        await using var server = await TestServer.Start();

        using var response = await server.Http.PutAsync(
            "/graphql",
            Json.Body(new { query = "{ me }" }),
            TestContext.Current.CancellationToken
        );

        response.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        response.Content.Headers.Allow.ShouldBe(["GET", "POST"]);
    }

    [Fact]
    public async Task GET_runs_a_query_with_variables()
    {
        await using var server = await TestServer.Start();

        var query = Uri.EscapeDataString("query Q($v: Long!) { long(value: $v) }");
        using var response = await server.Http.GetAsync(
            $"/graphql?query={query}&variables=%7B%22v%22:7%7D&operationName=Q",
            TestContext.Current.CancellationToken
        );

        (await JsonResponse.Read(response)).Data.GetProperty("long").GetInt64().ShouldBe(7);
    }

    [Fact]
    public async Task GET_with_invalid_variables_returns_400()
    {
        await using var server = await TestServer.Start();

        (await server.Http.GetAsync("/graphql?query=%7Bme%7D&variables=x", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(
            HttpStatusCode.BadRequest
        );
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData(NewMedia)]
    public async Task GET_cannot_run_a_mutation(string accept)
    {
        await using var server = await TestServer.Start();

        using var response = await server.Get("mutation { count }", accept);

        response.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        response.Content.Headers.Allow.ShouldBe(["POST"]);
        server.Streams.Produced.ShouldBe(0);
    }

    [Fact]
    public async Task GET_cannot_run_a_mutation_cached_by_a_POST()
    {
        await using var server = await TestServer.Start();
        await server.Execute("mutation { count }");
        await server.Execute("mutation { count }");

        (await server.Get("mutation { count }")).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        server.Streams.Produced.ShouldBe(2);
    }

    [Fact]
    public async Task GET_for_an_event_stream_cannot_run_a_mutation()
    {
        await using var server = await TestServer.Start();
        await server.Execute("mutation { count }");

        using var response = await server.Get("mutation { count }", "text/event-stream");

        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("MUTATION_OVER_GET");
        server.Streams.Produced.ShouldBe(1);
    }

    [Fact]
    public async Task Operation_name_selects_one_of_several_operations()
    {
        await using var server = await TestServer.Start();
        const string Query = "query A { a: me } query B { b: me }";

        foreach (var name in (string[])["A", "B", "A"])
        {
            using var response = await server.Http.PostAsync(
                "/graphql",
                Json.Body(new { query = Query, operationName = name }),
                TestContext.Current.CancellationToken
            );
            (await JsonResponse.Read(response)).Data.TryGetProperty(name == "A" ? "a" : "b", out _).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Document_with_one_invalid_operation_is_always_rejected()
    {
        await using var server = await TestServer.Start();
        const string Query = "query Good { me } query Wrong { nope }";

        foreach (var name in (string[])["Wrong", "Good", "Wrong"])
        {
            using var response = await server.Http.PostAsync(
                "/graphql",
                Json.Body(new { query = Query, operationName = name }),
                TestContext.Current.CancellationToken
            );
            (await JsonResponse.Read(response)).FirstCode.ShouldBe("GRAPHQL_VALIDATION_FAILED");
        }
    }

    [Fact]
    public async Task Subscription_requires_a_stream()
    {
        await using var server = await TestServer.Start();

        using var response = await server.Post("subscription { tail(id: \"x\") }");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await JsonResponse.Read(response)).FirstCode.ShouldBe("SUBSCRIPTION_REQUIRES_STREAM");
    }

    [Fact]
    public async Task Query_is_canceled_when_the_client_disconnects()
    {
        await using var server = await TestServer.Start();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var asking = server.Http.PostAsync("/graphql", Json.Body(new { query = "{ slowly }" }), leaving.Token);
        await Eventually.True(() => server.Streams.Open == 1, "the query runs", TestContext.Current.CancellationToken);

        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(asking);
        await Eventually.True(() => server.Streams.Open == 0, "the query has ended", TestContext.Current.CancellationToken);
        server.Logs.Lines.ShouldNotContain(line => line.StartsWith("Error", StringComparison.Ordinal));
    }
}
