using System.Net;
using System.Text;
using DeployCard.GraphQL.Tests.Support;

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
    public async Task The_answer_is_of_the_media_type_that_was_asked_for(string? accept, string media)
    {
        await using var server = await TestServer.Start();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql") { Content = Json.Body(new { query = "{ me }" }) };
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);

        using var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.ToString().ShouldBe(media + "; charset=utf-8");
        (await JsonAnswer.Read(response)).Data.GetProperty("me").GetString().ShouldBe("ada");
    }

    [Fact]
    public async Task What_we_do_not_have_is_406()
    {
        await using var server = await TestServer.Start();

        (await server.Post("{ me }", "image/png")).StatusCode.ShouldBe(HttpStatusCode.NotAcceptable);
    }

    [Theory]
    [InlineData("{ nope }", "application/json", HttpStatusCode.OK)]
    [InlineData("{ nope }", NewMedia, HttpStatusCode.BadRequest)]
    [InlineData("{ me", NewMedia, HttpStatusCode.BadRequest)]
    [InlineData("{ broken }", NewMedia, HttpStatusCode.OK)]
    public async Task The_status_tells_whether_the_operation_ran_where_the_media_type_says_so(
        string query,
        string accept,
        HttpStatusCode status
    )
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
    public async Task A_body_that_is_not_one_request_is_400(string body)
    {
        await using var server = await TestServer.Start();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var response = await server.Http.PostAsync("/graphql", content, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await JsonAnswer.Read(response)).FirstCode.ShouldBe("INVALID_REQUEST");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/json; charset=iso-8859-1")]
    public async Task A_body_of_another_type_is_415(string type)
    {
        await using var server = await TestServer.Start();
        using var content = new ByteArrayContent("{\"query\":\"{ me }\"}"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        (await server.Http.PostAsync("/graphql", content, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(
            HttpStatusCode.UnsupportedMediaType
        );
    }

    [Fact]
    public async Task A_batch_is_told_that_it_is_not_taken()
    {
        await using var server = await TestServer.Start();
        using var content = Json.Body(new[] { new { query = "mutation { count }" }, new { query = "mutation { count }" } });

        using var response = await server.Http.PostAsync("/graphql", content, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await JsonAnswer.Read(response)).FirstError.GetProperty("message").GetString()!.ShouldContain("a batch");
        server.Streams.Produced.ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_is_too_large_is_413(bool chunked)
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
    public async Task Other_verbs_are_405_and_are_told_which_would_do()
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

        (await JsonAnswer.Read(response)).Data.GetProperty("long").GetInt64().ShouldBe(7);
    }

    [Fact]
    public async Task GET_with_variables_that_are_no_JSON_is_400()
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
    public async Task GET_cannot_run_a_mutation_that_is_known_from_a_POST()
    {
        await using var server = await TestServer.Start();
        await server.Ask("mutation { count }");
        await server.Ask("mutation { count }");

        (await server.Get("mutation { count }")).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        server.Streams.Produced.ShouldBe(2);
    }

    [Fact]
    public async Task GET_for_events_cannot_run_a_mutation()
    {
        await using var server = await TestServer.Start();
        await server.Ask("mutation { count }");

        using var response = await server.Get("mutation { count }", "text/event-stream");

        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("MUTATION_OVER_GET");
        server.Streams.Produced.ShouldBe(1);
    }

    [Fact]
    public async Task One_operation_of_several_is_chosen_by_its_name()
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
            (await JsonAnswer.Read(response)).Data.TryGetProperty(name == "A" ? "a" : "b", out _).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_wrong_operation_beside_a_good_one_is_refused_before_and_after_the_good_one_ran()
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
            (await JsonAnswer.Read(response)).FirstCode.ShouldBe("GRAPHQL_VALIDATION_FAILED");
        }
    }

    [Fact]
    public async Task A_subscription_needs_a_stream()
    {
        await using var server = await TestServer.Start();

        using var response = await server.Post("subscription { tail(id: \"x\") }");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await JsonAnswer.Read(response)).FirstCode.ShouldBe("SUBSCRIPTION_REQUIRES_STREAM");
    }

    [Fact]
    public async Task A_query_is_cancelled_when_its_client_leaves()
    {
        await using var server = await TestServer.Start();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var asking = server.Http.PostAsync("/graphql", Json.Body(new { query = "{ slowly }" }), leaving.Token);
        await Eventually.True(() => server.Streams.Open == 1, "the query runs");

        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(asking);
        await Eventually.True(() => server.Streams.Open == 0, "the query has ended");
        server.Logs.Lines.ShouldNotContain(line => line.StartsWith("Error", StringComparison.Ordinal));
    }
}
