using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Silo.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>Results over real HTTP.</summary>
public sealed class ResultAnswerTests
{
    private const string Date = "Sun, 01 Mar 2026 12:00:00 GMT";

    private static readonly byte[] Body = [.. Enumerable.Range(0, 1000).Select(n => (byte)n)];

    private readonly CallView call = new()
    {
        Id = CallId.New(DateTimeOffset.UnixEpoch),
        Deployment = Routes.Iris,
        Status = CallStatus.Completed,
        CreatedAt = default,
        Method = "POST",
        Path = "/",
        Attempts = [new(1, default), new(2, default)],
        Limits = CallLimits.Default,
    };

    private string Tag => $"\"{call.Id}-2\"";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_whole_answer_says_how_it_can_be_asked_for_again()
    {
        using var answer = await Get(Result());

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsByteArrayAsync(Cancellation)).ShouldBe(Body);
        answer.Headers.AcceptRanges.ShouldBe(["bytes"]);
        answer.Headers.ETag!.ToString().ShouldBe(Tag);
        answer.Content.Headers.ContentLength.ShouldBe(Body.Length);
    }

    [Theory]
    [InlineData("bytes=0-99", "bytes 0-99/1000", 0, 100)]
    [InlineData("bytes=990-", "bytes 990-999/1000", 990, 10)]
    [InlineData("bytes=-5", "bytes 995-999/1000", 995, 5)]
    [InlineData("bytes=500-5000", "bytes 500-999/1000", 500, 500)]
    public async Task A_part_is_sent_as_one(string range, string contentRange, int from, int count)
    {
        using var answer = await Get(Result(new CallHeader("X-Mine", "a")), ("Range", range));

        answer.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        answer.Content.Headers.ContentRange!.ToString().ShouldBe(contentRange);
        (await answer.Content.ReadAsByteArrayAsync(Cancellation)).ShouldBe(Body[from..(from + count)]);
        answer.Headers.GetValues("X-Mine").ShouldBe(["a"]);
        answer.Headers.ETag!.ToString().ShouldBe(Tag);
    }

    [Theory]
    [InlineData("bytes=1000-")]
    [InlineData("bytes=-0")]
    public async Task A_part_that_there_is_not_is_refused_with_the_length(string range)
    {
        using var answer = await Get(Result(), ("Range", range));

        answer.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
        answer.Content.Headers.ContentRange!.ToString().ShouldBe("bytes */1000");
        (await Code(answer)).ShouldBe("RANGE_NOT_SATISFIABLE");
    }

    [Theory]
    [InlineData("bytes=x")]
    [InlineData("lines=0-1")]
    [InlineData("bytes=0-1,5-6")]
    public async Task What_we_do_not_know_as_a_part_gets_the_whole(string range)
    {
        using var answer = await Get(Result(), ("Range", range));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsByteArrayAsync(Cancellation)).ShouldBe(Body);
    }

    [Fact]
    public async Task A_part_is_sent_if_it_is_one_of_the_same()
    {
        await ShouldBePart(Result(), Tag, true);
        await ShouldBePart(Result(), "\"another\"", false);
        await ShouldBePart(Result(), $"W/{Tag}", false);
        await ShouldBePart(Result(), Date, false);
        await ShouldBePart(Result(), "no condition at all", false);
        await ShouldBePart(Result(new CallHeader("Last-Modified", Date)), Date, true);
        await ShouldBePart(Result(new CallHeader("Last-Modified", Date)), "Sun, 01 Mar 2026 12:00:01 GMT", false);
        await ShouldBePart(Result(new CallHeader("ETag", "W/\"weak\"")), "W/\"weak\"", false);
        await ShouldBePart(Result(new CallHeader("ETag", "unquoted")), Tag, false);

        async Task ShouldBePart(CallResult result, string condition, bool isPart)
        {
            using var answer = await Get(result, ("Range", "bytes=0-0"), ("If-Range", condition));
            answer.StatusCode.ShouldBe(isPart ? HttpStatusCode.PartialContent : HttpStatusCode.OK, condition);
            (await answer.Content.ReadAsByteArrayAsync(Cancellation)).Length.ShouldBe(isPart ? 1 : Body.Length);
        }
    }

    [Fact]
    public async Task Who_has_it_already_is_not_sent_it_again()
    {
        using var same = await Get(Result(), ("If-None-Match", Tag));
        same.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        same.Headers.ETag!.ToString().ShouldBe(Tag);
        (await same.Content.ReadAsByteArrayAsync(Cancellation)).ShouldBeEmpty();

        using var other = await Get(Result(), ("If-None-Match", "\"another\""));
        other.StatusCode.ShouldBe(HttpStatusCode.OK);

        using var old = await Get(Result(new CallHeader("Last-Modified", Date)), ("If-Modified-Since", Date));
        old.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task Who_asks_for_another_one_is_refused()
    {
        using var same = await Get(Result(), ("If-Match", Tag));
        same.StatusCode.ShouldBe(HttpStatusCode.OK);

        using var other = await Get(Result(), ("If-Match", "\"another\""));
        other.StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await Code(other)).ShouldBe("PRECONDITION_FAILED");
    }

    [Theory]
    [InlineData("\"the models own\"")]
    [InlineData("W/\"weak\"")]
    [InlineData("unquoted")]
    [InlineData("*")]
    public async Task A_models_own_tag_stays(string tag)
    {
        using var answer = await Get(Result(new CallHeader("ETag", tag)));

        answer.Headers.NonValidated["ETag"].ToString().ShouldBe(tag);
    }

    [Theory]
    [InlineData("bytes=0-0")]
    [InlineData(null)]
    public async Task A_look_at_the_head_tells_of_the_whole(string? range)
    {
        using var answer = await Send(HttpMethod.Head, Result(), null, range is null ? [] : [("Range", range)]);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentLength.ShouldBe(Body.Length);
        answer.Headers.AcceptRanges.ShouldBe(["bytes"]);
        (await answer.Content.ReadAsByteArrayAsync(Cancellation)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(201)]
    [InlineData(404)]
    [InlineData(206)]
    public async Task An_answer_of_another_status_has_no_parts(int status)
    {
        using var answer = await Get(Result() with { StatusCode = status }, ("Range", "bytes=0-0"), ("If-None-Match", "*"));

        ((int)answer.StatusCode).ShouldBe(status);
        answer.Headers.ETag.ShouldBeNull();
        answer.Headers.AcceptRanges.ShouldBeEmpty();
        (await answer.Content.ReadAsByteArrayAsync(Cancellation)).ShouldBe(Body);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task An_answer_without_a_body_says_no_length(int status)
    {
        using var answer = await Get(new(status, [new("X-Mine", "a")], null));

        ((int)answer.StatusCode).ShouldBe(status);
        answer.Content.Headers.NonValidated.Contains("Content-Length").ShouldBeFalse();
        answer.Headers.GetValues("X-Mine").ShouldBe(["a"]);
    }

    [Theory]
    [InlineData("text/plain; charset=koi8-r")]
    [InlineData("no type at all")]
    [InlineData("application/json;;")]
    public async Task A_type_is_told_as_it_came(string type)
    {
        using var whole = await Get(Result(new CallHeader("Content-Type", type)));
        using var part = await Get(Result(new CallHeader("Content-Type", type)), ("Range", "bytes=0-0"));

        whole.Content.Headers.NonValidated["Content-Type"].ToString().ShouldBe(type);
        part.Content.Headers.NonValidated["Content-Type"].ToString().ShouldBe(type);
    }

    [Fact]
    public async Task Where_no_type_is_told_none_is_made_up()
    {
        using var none = await Get(Result());
        none.Content.Headers.NonValidated.Contains("Content-Type").ShouldBeFalse();

        using var empty = await Get(Result(new CallHeader("Content-Type", "")));
        empty.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await empty.Content.ReadAsByteArrayAsync(Cancellation)).ShouldBe(Body);
    }

    [Fact]
    public async Task Several_values_of_a_field_stay_several()
    {
        using var answer = await Get(Result(new CallHeader("X-Mine", "a"), new CallHeader("x-mine", "b, c")));

        answer.Headers.NonValidated["X-Mine"].ShouldBe(["a", "b, c"]);
    }

    [Fact]
    public async Task The_id_of_the_request_is_told_once_and_is_that_of_this_one()
    {
        using var answer = await Get(Result(new CallHeader("x-request-id", "the pods own")), ("X-Request-Id", "mine"));

        answer.Headers.GetValues("X-Request-Id").ShouldBe(["mine"]);
    }

    [Fact]
    public async Task Who_may_read_it_is_told_by_the_deployment_where_it_tells_it()
    {
        var result = Result(new CallHeader("Access-Control-Allow-Origin", "*"));

        using var ours = await Send(HttpMethod.Get, result, Cors.Policy(["https://app.example.com"]));
        ours.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse("it was not asked for by a page");
        using var models = await Send(HttpMethod.Get, result, null);
        models.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
    }

    [Fact]
    public async Task A_field_that_the_server_would_not_send_is_left_out()
    {
        using var answer = await Get(Result(new CallHeader("X-Mine", "caf\u00e9"), new CallHeader("X-Other", "b")));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.Contains("X-Mine").ShouldBeFalse();
        answer.Headers.GetValues("X-Other").ShouldBe(["b"]);
    }

    [Fact]
    public async Task An_empty_answer_is_whole_without_a_body()
    {
        using var answer = await Get(new(200, [], null));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentLength.ShouldBe(0);
    }

    private static CallResult Result(params CallHeader[] headers) => new(200, headers, new(Body.Length, Body));

    private Task<HttpResponseMessage> Get(CallResult result, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Get, result, null, headers);

    private async Task<HttpResponseMessage> Send(
        HttpMethod method,
        CallResult result,
        CorsPolicy? policy,
        params (string Name, string Value)[] headers
    )
    {
        await using var server = await TestServer.Start(
            _ => { },
            app =>
                app.Run(async context =>
                {
                    RequestId.Ensure(context);
                    var body = result.Body is { Inline: { } bytes } ? new MemoryStream(bytes) : Stream.Null;
                    if (await ResultAnswer.Write(context, call, result, body, policy) is { } problem)
                        await problem.Write(context);
                })
        );
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, server.Address());
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await http.SendAsync(request, Cancellation);
    }

    private static async Task<string> Code(HttpResponseMessage answer)
    {
        answer.Content.Headers.ContentType.ShouldBe(new MediaTypeHeaderValue("application/problem+json"));
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!;
        ((int)problem["status"]!).ShouldBe((int)answer.StatusCode);
        return (string)problem["code"]!;
    }
}
