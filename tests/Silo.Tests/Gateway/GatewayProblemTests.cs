using System.Text.Json.Nodes;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Gateway;
using DeployCard.Gateway.Problems;
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
    public async Task Error_is_a_problem_document_with_a_code()
    {
        var document = await Write(DeploymentProblems.NotFound("iris"));

        context.Response.StatusCode.ShouldBe(404);
        context.Response.ContentType.ShouldBe("application/problem+json");
        context.Response.Headers["X-DeployCard-Error"].ToString().ShouldBe("DEPLOYMENT_NOT_FOUND");
        document["type"]!.GetValue<string>().ShouldBe("urn:deploycard:error:DEPLOYMENT_NOT_FOUND");
        document["title"]!.GetValue<string>().ShouldBe("Deployment not found");
        document["status"]!.GetValue<int>().ShouldBe(404);
        document["detail"]!.GetValue<string>().ShouldContain("'iris'");
        document["code"]!.GetValue<string>().ShouldBe("DEPLOYMENT_NOT_FOUND");
    }

    [Fact]
    public async Task Request_id_is_in_the_headers_and_the_document()
    {
        context.Request.Headers["X-Request-Id"] = "mine";
        RequestId.Ensure(context);

        var document = await Write(AccessProblems.KeyMissing);

        context.Response.Headers["X-Request-Id"].ToString().ShouldBe("mine");
        document["requestId"]!.GetValue<string>().ShouldBe("mine");
    }

    [Fact]
    public async Task Headers_of_an_incomplete_pod_response_are_dropped()
    {
        context.Response.StatusCode = 200;
        context.Response.Headers.ContentLength = 10;
        context.Response.Headers["X-Of-The-Pod"] = "1";

        await Write(PodProblems.ConnectionFailed("iris-1-aaaaa"));

        context.Response.StatusCode.ShouldBe(502);
        context.Response.Headers.ContainsKey("X-Of-The-Pod").ShouldBeFalse();
    }

    [Fact]
    public async Task Invalid_key_response_has_a_WWW_Authenticate_header()
    {
        await Write(AccessProblems.KeyInvalid);

        context.Response.StatusCode.ShouldBe(401);
        context.Response.Headers.WWWAuthenticate.ToString().ShouldBe("Bearer");
    }

    [Fact]
    public async Task Forbidden_key_response_has_no_WWW_Authenticate_header()
    {
        await Write(AccessProblems.KeyForbidden);

        context.Response.StatusCode.ShouldBe(403);
        context.Response.Headers.ContainsKey("WWW-Authenticate").ShouldBeFalse();
    }

    [Fact]
    public async Task Temporary_problem_has_a_Retry_After_header()
    {
        await Write(PodProblems.QueueFull(3));

        context.Response.StatusCode.ShouldBe(503);
        context.Response.Headers.RetryAfter.ToString().ShouldBe("5");
    }

    [Fact]
    public async Task Permanent_problem_has_no_Retry_After_header()
    {
        await Write(DeploymentProblems.Stopped("iris"));

        context.Response.StatusCode.ShouldBe(409);
        context.Response.Headers.ContainsKey("Retry-After").ShouldBeFalse();
    }

    [Fact]
    public async Task Queued_call_without_a_result_has_a_Retry_After_header()
    {
        var document = await Write(CallProblems.NotCompleted(Call(CallStatus.Queued) with { NextAttemptAt = Now.AddSeconds(16.5) }, Now));

        context.Response.StatusCode.ShouldBe(409);
        context.Response.Headers.RetryAfter.ToString().ShouldBe("17");
        document["code"]!.GetValue<string>().ShouldBe("CALL_NOT_COMPLETED");
        document["callStatus"]!.GetValue<string>().ShouldBe("QUEUED");
        document.ContainsKey("errorCode").ShouldBeFalse();
    }

    [Fact]
    public async Task Failed_call_without_a_result_reports_its_error()
    {
        var document = await Write(
            CallProblems.NotCompleted(
                Call(CallStatus.Error) with
                {
                    ErrorCode = CallErrorCode.RequestTimeout,
                    ErrorMessage = "no complete response within 3 s",
                },
                Now
            )
        );

        context.Response.StatusCode.ShouldBe(409);
        context.Response.Headers.ContainsKey("Retry-After").ShouldBeFalse();
        document["callStatus"]!.GetValue<string>().ShouldBe("ERROR");
        document["errorCode"]!.GetValue<string>().ShouldBe("REQUEST_TIMEOUT");
        document["detail"]!.GetValue<string>().ShouldContain("no complete response within 3 s");
    }

    [Fact]
    public async Task Problem_without_a_call_has_no_call_properties()
    {
        var document = await Write(AccessProblems.KeyInvalid);

        document.ContainsKey("callStatus").ShouldBeFalse();
        document.ContainsKey("errorCode").ShouldBeFalse();
    }

    [Fact]
    public void Values_of_the_caller_are_shortened()
    {
        RequestProblems.InvalidHeader("X-Retention", "short", new('x', 5000)).Detail.Length.ShouldBeLessThan(200);
        CallProblems.NotFound(new('x', 5000)).Detail.Length.ShouldBeLessThan(200);
    }

    [Fact]
    public async Task Started_response_is_aborted()
    {
        var connection = new Connection();
        context.Features.Set<IHttpRequestLifetimeFeature>(connection);
        context.Features.Set<IHttpResponseFeature>(new StartedResponse());

        await PodProblems.ConnectionFailed("iris-1-aaaaa").Write(context);

        connection.IsAborted.ShouldBeTrue();
        body.Length.ShouldBe(0);
    }

    private static CallView Call(CallStatus status) =>
        new()
        {
            Id = CallId.Create(Now),
            Deployment = Routes.Iris,
            Status = status,
            CreatedAt = Now,
            Method = "GET",
            Path = "/",
            Attempts = [],
            Limits = CallLimits.Default,
        };

    private sealed class StartedResponse : HttpResponseFeature
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
