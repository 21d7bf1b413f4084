using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>Responses with results of calls, over real HTTP.</summary>
public sealed class ResultResponseTests
{
    private const string Date = "Sun, 01 Mar 2026 12:00:00 GMT";

    private static readonly byte[] Body = [.. Enumerable.Range(0, 1000).Select(n => (byte)n)];

    private readonly CallView call = new()
    {
        Id = CallId.Create(DateTimeOffset.UnixEpoch),
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
    public async Task Complete_result_has_validators_and_accepts_ranges()
    {
        using var response = await Get(Result());

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsByteArrayAsync(Cancellation)).ShouldBe(Body);
        response.Headers.AcceptRanges.ShouldBe(["bytes"]);
        response.Headers.ETag!.ToString().ShouldBe(Tag);
        response.Content.Headers.ContentLength.ShouldBe(Body.Length);
    }

    [Theory]
    [InlineData("bytes=0-99", "bytes 0-99/1000", 0, 100)]
    [InlineData("bytes=990-", "bytes 990-999/1000", 990, 10)]
    [InlineData("bytes=-5", "bytes 995-999/1000", 995, 5)]
    [InlineData("bytes=500-5000", "bytes 500-999/1000", 500, 500)]
    public async Task Requested_range_is_sent_as_partial_content(string range, string contentRange, int from, int count)
    {
        using var response = await Get(Result(new CallHeader("X-Mine", "a")), ("Range", range));

        response.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        response.Content.Headers.ContentRange!.ToString().ShouldBe(contentRange);
        (await response.Content.ReadAsByteArrayAsync(Cancellation)).ShouldBe(Body[from..(from + count)]);
        response.Headers.GetValues("X-Mine").ShouldBe(["a"]);
        response.Headers.ETag!.ToString().ShouldBe(Tag);
    }

    [Theory]
    [InlineData("bytes=1000-")]
    [InlineData("bytes=-0")]
    public async Task Range_beyond_the_end_is_rejected_with_the_complete_length(string range)
    {
        using var response = await Get(Result(), ("Range", range));

        response.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
        response.Content.Headers.ContentRange!.ToString().ShouldBe("bytes */1000");
        (await Code(response)).ShouldBe("RANGE_NOT_SATISFIABLE");
    }

    [Theory]
    [InlineData("bytes=x")]
    [InlineData("lines=0-1")]
    [InlineData("bytes=0-1,5-6")]
    public async Task Unsupported_range_gets_the_complete_result(string range)
    {
        using var response = await Get(Result(), ("Range", range));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsByteArrayAsync(Cancellation)).ShouldBe(Body);
    }

    [Fact]
    public async Task Range_is_sent_only_if_If_Range_matches()
    {
        await ShouldBePart(Result(), Tag, true);
        await ShouldBePart(Result(), "\"another\"", false);
        await ShouldBePart(Result(), $"W/{Tag}", false);
        await ShouldBePart(Result(), Date, false);
        await ShouldBePart(Result(), "not a valid condition", false);
        await ShouldBePart(Result(new CallHeader("Last-Modified", Date)), Date, true);
        await ShouldBePart(Result(new CallHeader("Last-Modified", Date)), "Sun, 01 Mar 2026 12:00:01 GMT", false);
        await ShouldBePart(Result(new CallHeader("ETag", "W/\"weak\"")), "W/\"weak\"", false);
        await ShouldBePart(Result(new CallHeader("ETag", "unquoted")), Tag, false);

        async Task ShouldBePart(CallResult result, string condition, bool isPart)
        {
            using var response = await Get(result, ("Range", "bytes=0-0"), ("If-Range", condition));
            response.StatusCode.ShouldBe(isPart ? HttpStatusCode.PartialContent : HttpStatusCode.OK, condition);
            (await response.Content.ReadAsByteArrayAsync(Cancellation)).Length.ShouldBe(isPart ? 1 : Body.Length);
        }
    }

    [Fact]
    public async Task Client_with_a_current_copy_gets_not_modified()
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
    public async Task Failed_precondition_is_rejected()
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
    public async Task ETag_of_the_model_is_kept(string tag)
    {
        using var response = await Get(Result(new CallHeader("ETag", tag)));

        response.Headers.NonValidated["ETag"].ToString().ShouldBe(tag);
    }

    [Theory]
    [InlineData("bytes=0-0")]
    [InlineData(null)]
    public async Task HEAD_describes_the_complete_result(string? range)
    {
        using var response = await Send(HttpMethod.Head, Result(), null, range is null ? [] : [("Range", range)]);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentLength.ShouldBe(Body.Length);
        response.Headers.AcceptRanges.ShouldBe(["bytes"]);
        (await response.Content.ReadAsByteArrayAsync(Cancellation)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(201)]
    [InlineData(404)]
    [InlineData(206)]
    public async Task Result_with_another_status_ignores_ranges(int status)
    {
        using var response = await Get(Result() with { StatusCode = status }, ("Range", "bytes=0-0"), ("If-None-Match", "*"));

        ((int)response.StatusCode).ShouldBe(status);
        response.Headers.ETag.ShouldBeNull();
        response.Headers.AcceptRanges.ShouldBeEmpty();
        (await response.Content.ReadAsByteArrayAsync(Cancellation)).ShouldBe(Body);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task Result_without_a_body_has_no_length(int status)
    {
        using var response = await Get(new(status, [new("X-Mine", "a")], null));

        ((int)response.StatusCode).ShouldBe(status);
        response.Content.Headers.NonValidated.Contains("Content-Length").ShouldBeFalse();
        response.Headers.GetValues("X-Mine").ShouldBe(["a"]);
    }

    [Theory]
    [InlineData("text/plain; charset=koi8-r")]
    [InlineData("no type at all")]
    [InlineData("application/json;;")]
    public async Task Content_type_is_kept_unchanged(string type)
    {
        using var whole = await Get(Result(new CallHeader("Content-Type", type)));
        using var part = await Get(Result(new CallHeader("Content-Type", type)), ("Range", "bytes=0-0"));

        whole.Content.Headers.NonValidated["Content-Type"].ToString().ShouldBe(type);
        part.Content.Headers.NonValidated["Content-Type"].ToString().ShouldBe(type);
    }

    [Fact]
    public async Task Missing_content_type_is_not_replaced()
    {
        using var none = await Get(Result());
        none.Content.Headers.NonValidated.Contains("Content-Type").ShouldBeFalse();

        using var empty = await Get(Result(new CallHeader("Content-Type", "")));
        empty.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await empty.Content.ReadAsByteArrayAsync(Cancellation)).ShouldBe(Body);
    }

    [Fact]
    public async Task Header_with_several_values_keeps_all_of_them()
    {
        using var response = await Get(Result(new CallHeader("X-Mine", "a"), new CallHeader("x-mine", "b, c")));

        response.Headers.NonValidated["X-Mine"].ShouldBe(["a", "b, c"]);
    }

    [Fact]
    public async Task Request_id_is_sent_once_and_is_that_of_the_current_request()
    {
        using var response = await Get(Result(new CallHeader("x-request-id", "the pod's id")), ("X-Request-Id", "mine"));

        response.Headers.GetValues("X-Request-Id").ShouldBe(["mine"]);
    }

    [Fact]
    public async Task Cors_headers_of_the_deployment_replace_those_of_the_model()
    {
        var result = Result(new CallHeader("Access-Control-Allow-Origin", "*"));

        using var ours = await Send(HttpMethod.Get, result, Cors.CreatePolicy(["https://app.example.com"]));
        ours.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse("the request has no Origin header");
        using var models = await Send(HttpMethod.Get, result, null);
        models.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
    }

    [Fact]
    public async Task Non_ascii_header_is_omitted()
    {
        using var response = await Get(Result(new CallHeader("X-Mine", "caf\u00e9"), new CallHeader("X-Other", "b")));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.Contains("X-Mine").ShouldBeFalse();
        response.Headers.GetValues("X-Other").ShouldBe(["b"]);
    }

    [Fact]
    public async Task Empty_result_is_complete_without_a_body()
    {
        using var response = await Get(new(200, [], null));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentLength.ShouldBe(0);
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
                    if (await ResultResponse.Write(context, call, result, body, policy) is { } problem)
                        await problem.Write(context);
                })
        );
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, server.Address());
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await http.SendAsync(request, Cancellation);
    }

    private static async Task<string> Code(HttpResponseMessage response)
    {
        response.Content.Headers.ContentType.ShouldBe(new MediaTypeHeaderValue("application/problem+json"));
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!;
        ((int)problem["status"]!).ShouldBe((int)response.StatusCode);
        return (string)problem["code"]!;
    }
}
