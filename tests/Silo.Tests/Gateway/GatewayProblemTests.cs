using System.Text.Json.Nodes;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Silo.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class GatewayProblemTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly DefaultHttpContext context = new();
    private readonly MemoryStream body = new();

    public GatewayProblemTests()
    {
        context.Response.Body = body;
        RequestId.Ensure(context);
    }

    private async Task<JsonObject> Write(GatewayProblem problem)
    {
        await problem.Write(context);
        return JsonNode.Parse(body.ToArray())!.AsObject();
    }

    [Fact]
    public async Task An_error_is_a_problem_document_with_a_code()
    {
        var document = await Write(GatewayProblem.NotFound("iris"));

        context.Response.StatusCode.ShouldBe(404);
        context.Response.ContentType.ShouldBe("application/problem+json");
        context.Response.Headers["X-DeployCard-Error"].ToString().ShouldBe("DEPLOYMENT_NOT_FOUND");
        document["type"]!.GetValue<string>().ShouldBe("urn:deploycard:error:DEPLOYMENT_NOT_FOUND");
        document["title"]!.GetValue<string>().ShouldBe("No such deployment");
        document["status"]!.GetValue<int>().ShouldBe(404);
        document["detail"]!.GetValue<string>().ShouldContain("'iris'");
        document["code"]!.GetValue<string>().ShouldBe("DEPLOYMENT_NOT_FOUND");
    }

    [Fact]
    public async Task The_request_id_is_kept_and_stands_in_the_document()
    {
        context.Request.Headers["X-Request-Id"] = "mine";
        RequestId.Ensure(context);

        var document = await Write(GatewayProblem.KeyMissing);

        context.Response.Headers["X-Request-Id"].ToString().ShouldBe("mine");
        document["requestId"]!.GetValue<string>().ShouldBe("mine");
    }

    [Fact]
    public async Task What_a_pod_began_to_answer_is_dropped()
    {
        context.Response.StatusCode = 200;
        context.Response.Headers.ContentLength = 10;
        context.Response.Headers["X-Of-The-Pod"] = "1";

        await Write(GatewayProblem.PodBroke("iris-1-aaaaa"));

        context.Response.StatusCode.ShouldBe(502);
        context.Response.Headers.ContainsKey("X-Of-The-Pod").ShouldBeFalse();
    }

    [Fact]
    public async Task A_missing_key_is_asked_for_as_http_asks()
    {
        await Write(GatewayProblem.KeyUnknown);

        context.Response.StatusCode.ShouldBe(401);
        context.Response.Headers.WWWAuthenticate.ToString().ShouldBe("Bearer");
    }

    [Fact]
    public async Task A_key_of_another_deployment_is_not_asked_for_again()
    {
        await Write(GatewayProblem.KeyOfAnother);

        context.Response.StatusCode.ShouldBe(403);
        context.Response.Headers.ContainsKey("WWW-Authenticate").ShouldBeFalse();
    }

    [Fact]
    public async Task What_passes_by_itself_says_when_to_come_again()
    {
        await Write(GatewayProblem.QueueFull(3));

        context.Response.StatusCode.ShouldBe(503);
        context.Response.Headers.RetryAfter.ToString().ShouldBe("5");
    }

    [Fact]
    public async Task What_does_not_says_nothing_of_it()
    {
        await Write(GatewayProblem.Stopped("iris"));

        context.Response.StatusCode.ShouldBe(409);
        context.Response.Headers.ContainsKey("Retry-After").ShouldBeFalse();
    }

    [Fact]
    public async Task A_call_that_goes_on_has_no_result_yet_and_tells_when_to_come_again()
    {
        var document = await Write(
            GatewayProblem.CallNotCompleted(Call(CallStatus.Queued) with { NextAttemptAt = Now.AddSeconds(16.5) }, Now)
        );

        context.Response.StatusCode.ShouldBe(409);
        context.Response.Headers.RetryAfter.ToString().ShouldBe("17");
        document["code"]!.GetValue<string>().ShouldBe("CALL_NOT_COMPLETED");
        document["callStatus"]!.GetValue<string>().ShouldBe("QUEUED");
        document.ContainsKey("errorCode").ShouldBeFalse();
    }

    [Fact]
    public async Task A_call_that_ended_in_an_error_has_no_result_and_tells_why()
    {
        var document = await Write(
            GatewayProblem.CallNotCompleted(
                Call(CallStatus.Error) with
                {
                    ErrorCode = CallErrorCode.RequestTimeout,
                    ErrorMessage = "no answer within 3 s",
                },
                Now
            )
        );

        context.Response.StatusCode.ShouldBe(409);
        context.Response.Headers.ContainsKey("Retry-After").ShouldBeFalse();
        document["callStatus"]!.GetValue<string>().ShouldBe("ERROR");
        document["errorCode"]!.GetValue<string>().ShouldBe("REQUEST_TIMEOUT");
        document["detail"]!.GetValue<string>().ShouldContain("no answer within 3 s");
    }

    [Fact]
    public async Task Of_a_call_nothing_is_told_where_there_is_none()
    {
        var document = await Write(GatewayProblem.KeyUnknown);

        document.ContainsKey("callStatus").ShouldBeFalse();
        document.ContainsKey("errorCode").ShouldBeFalse();
    }

    [Fact]
    public void What_a_caller_gave_is_told_shortened()
    {
        GatewayProblem.InvalidHeader("X-Retention", "short", new('x', 5000)).Detail.Length.ShouldBeLessThan(200);
        GatewayProblem.CallNotFound(new('x', 5000)).Detail.Length.ShouldBeLessThan(200);
    }

    [Fact]
    public async Task An_answer_that_has_begun_is_broken_off()
    {
        var connection = new Connection();
        context.Features.Set<IHttpRequestLifetimeFeature>(connection);
        context.Features.Set<IHttpResponseFeature>(new BegunResponse());

        await GatewayProblem.PodBroke("iris-1-aaaaa").Write(context);

        connection.IsAborted.ShouldBeTrue();
        body.Length.ShouldBe(0);
    }

    private static CallView Call(CallStatus status) =>
        new()
        {
            Id = CallId.New(Now),
            Deployment = Routes.Iris,
            Status = status,
            CreatedAt = Now,
            Method = "GET",
            Path = "/",
            Attempts = [],
            Limits = CallLimits.Default,
        };

    private sealed class BegunResponse : HttpResponseFeature
    {
        public override bool HasStarted => true;
    }

    private sealed class Connection : IHttpRequestLifetimeFeature
    {
        public bool IsAborted { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => IsAborted = true;
    }
}
