using DeployCard.Client.Cluster;
using DeployCard.Client.Http;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Results;
using DeployCard.Contracts.Storage;
using DeployCard.Gateway.Problems;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace DeployCard.Gateway;

/// <summary>
/// HTTP endpoints for the status, the result and the cancellation of asynchronous calls. Each requires an API key of the call's deployment
/// or the administrator token.
/// </summary>
internal sealed partial class CallEndpoints(
    IGrainFactory grains,
    GrainRetry repeatable,
    CallLookup calls,
    CallEndWaiter watch,
    Cors cors,
    IBodyStore bodies,
    TimeProvider time,
    ILogger<CallEndpoints> logger
)
{
    private delegate Task<GatewayProblem?> Responder(HttpContext context, CallView call, CorsPolicy? policy);

    /// <summary>
    /// Responds to a CORS preflight request for a call. Responds 405 if the call does not exist or its deployment allows no other origins.
    /// </summary>
    public async Task HandlePreflight(HttpContext context, string id)
    {
        if (await calls.Find(context.Request, id) is not { Route.Cors: { } policy } || !cors.Apply(context, policy))
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
    }

    public Task GetStatus(HttpContext context, string id) =>
        Respond(context, id, canWait: true, (http, call, _) => WriteStatus(http, call));

    public Task GetResult(HttpContext context, string id) => Respond(context, id, canWait: true, WriteResult);

    public Task GetResultDocument(HttpContext context, string id) =>
        Respond(context, id, canWait: true, (http, call, _) => WriteDocument(http, call));

    public Task Cancel(HttpContext context, string id) => Respond(context, id, canWait: false, (http, call, _) => Cancel(http, call));

    private async Task Respond(HttpContext context, string text, bool canWait, Responder respond)
    {
        RequestId.Ensure(context);
        if (await RespondOrFail(context, text, canWait, respond) is { } problem)
            await problem.Write(context);
    }

    private async Task<GatewayProblem?> RespondOrFail(HttpContext context, string text, bool canWait, Responder respond)
    {
        try
        {
            var found = await Find(context, text, canWait);
            return found.Problem ?? await respond(context, found.Call!, found.Route!.Cors);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has disconnected and gets no response.
            return null;
        }
        // If the response has started, the exception is not caught here and the server aborts the connection.
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Error);
            LogRequestFailed(logger, level, e, context.Request.Method, text);
            return TransientErrors.IsGrainUnavailable(e)
                ? AvailabilityProblems.TemporarilyUnavailable
                : AvailabilityProblems.CallUnavailable;
        }
    }

    private async Task<CallLookupResult> Find(HttpContext context, string text, bool canWait)
    {
        var found = await calls.Find(context.Request, text);
        if (found.Route?.Cors is { } policy)
            cors.Apply(context, policy);
        if (!canWait)
            return found;
        context.Response.Headers.Append("Vary", WaitPreference.Header);
        if (found.Problem is not null || WaitPreference.Parse(context.Request.Headers[WaitPreference.Header]) is not { } seconds)
            return found;
        context.Response.Headers[WaitPreference.AppliedHeader] = $"wait={seconds}";
        if (found.Call!.Status is not CallStatus.Queued)
            return found;
        await watch.WaitForEnd(found.Call.Id, TimeSpan.FromSeconds(seconds), context.RequestAborted);
        // Look the call up again, including the key check: the key may have been revoked during the wait.
        return await calls.Find(context.Request, text);
    }

    private async Task<GatewayProblem?> WriteStatus(HttpContext context, CallView call)
    {
        var waiting =
            call.HasEnded || call.RunningSince is not null
                ? null
                : CallWait.For(
                    call,
                    await repeatable.Execute(
                        () => grains.GetGrain<IQueueGrain>(call.Deployment.Value).GetStatus([call.Id]),
                        context.RequestAborted
                    ),
                    time.GetUtcNow()
                );
        await context.Response.WriteAsJsonAsync(
            CallResponse.From(call, waiting),
            CallJson.Default.CallResponse,
            cancellationToken: context.RequestAborted
        );
        return null;
    }

    private async Task<GatewayProblem?> Cancel(HttpContext context, CallView call)
    {
        var outcome = await grains
            .GetGrain<IAsyncCallGrain>(call.Id.Value)
            .Cancel(context.User.Identity?.Name ?? "an API key holder", context.RequestAborted);
        if (outcome.Succeeded)
            return await WriteStatus(context, outcome.Value);
        return outcome.Errors[0].Code is ErrorCodes.AlreadyEnded
            ? CallProblems.AlreadyEnded(outcome.Errors[0].Message)
            : CallProblems.Expired(call.Id.Value);
    }

    private async Task<GatewayProblem?> WriteResult(HttpContext context, CallView call, CorsPolicy? policy)
    {
        var (result, body, problem) = await Open(call, context.RequestAborted);
        if (problem is not null)
            return problem;
        await using var opened = body!;
        return await ResultResponse.Write(context, call, result!, opened, policy);
    }

    private async Task<GatewayProblem?> WriteDocument(HttpContext context, CallView call)
    {
        var (result, body, problem) = await Open(call, context.RequestAborted);
        if (problem is not null)
            return problem;
        await using var opened = body!;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{call.Id}.json\"";
        if (!HttpMethods.IsHead(context.Request.Method))
            await ResultDocument.Write(context.Response.BodyWriter, call.Id, result!, opened, context.RequestAborted);
        return null;
    }

    /// <summary>Opens the result and its body. Returns a problem if the call is not completed or its result no longer exists.</summary>
    private async Task<(CallResult? Result, Stream? Body, GatewayProblem? Problem)> Open(CallView call, CancellationToken cancellationToken)
    {
        if (call.Status is not CallStatus.Completed)
            return (null, null, CallProblems.NotCompleted(call, time.GetUtcNow()));
        var result = await repeatable.Execute(grains.GetGrain<IAsyncCallGrain>(call.Id.Value).GetResult, cancellationToken);
        var body = result switch
        {
            null => null,
            { Body: null } => Stream.Null,
            { Body.Inline: { } inline } => new MemoryStream(inline),
            { Body.Attempt: var attempt } => await bodies.Open(call.Id, BodyPart.Result(attempt), cancellationToken),
        };
        // The result was purged after the call was found.
        return body is null ? (null, null, CallProblems.Expired(call.Id.Value)) : (result, body, null);
    }

    [LoggerMessage(Message = "Handling a {Method} request for call {CallId} failed")]
    private static partial void LogRequestFailed(ILogger logger, LogLevel level, Exception exception, string method, string callId);
}
