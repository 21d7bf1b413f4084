using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Results;
using DeployCard.Grains.Storage;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace DeployCard.Silo.Gateway;

/// <summary>Status, result and cancellation of asynchronous calls. All need a key of the call's deployment, or the administrator token.</summary>
internal sealed partial class CallEndpoints(
    IGrainFactory grains,
    RepeatableCalls repeatable,
    CallLookup calls,
    CallWatch watch,
    Cors cors,
    IBodyStore bodies,
    TimeProvider time,
    ILogger<CallEndpoints> logger
)
{
    private delegate Task<GatewayProblem?> Answering(HttpContext context, CallView call, CorsPolicy? policy);

    /// <summary>Tells a browser whether a page of another origin may ask for a call.</summary>
    public async Task Preflight(HttpContext context, string id)
    {
        if (await calls.Find(context.Request, id) is not { Route.Cors: { } policy } || !cors.Answer(context, policy))
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
    }

    public Task Status(HttpContext context, string id) => Answer(context, id, isPatient: true, (http, call, _) => WriteStatus(http, call));

    public Task Result(HttpContext context, string id) => Answer(context, id, isPatient: true, WriteResult);

    public Task Document(HttpContext context, string id) =>
        Answer(context, id, isPatient: true, (http, call, _) => WriteDocument(http, call));

    public Task Cancel(HttpContext context, string id) => Answer(context, id, isPatient: false, (http, call, _) => Cancel(http, call));

    private async Task Answer(HttpContext context, string text, bool isPatient, Answering answer)
    {
        RequestId.Ensure(context);
        if (await AnswerOrProblem(context, text, isPatient, answer) is { } problem)
            await problem.Write(context);
    }

    private async Task<GatewayProblem?> AnswerOrProblem(HttpContext context, string text, bool isPatient, Answering answer)
    {
        try
        {
            var found = await Find(context, text, isPatient);
            return found.Problem ?? await answer(context, found.Call!, found.Route!.Cors);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be told.
            return null;
        }
        // An answer that has begun is broken off, which the server sees to.
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var level = StorageHealth.Level(e, LogLevel.Error);
            LogNotAnswered(logger, level, e, context.Request.Method, text);
            return ClusterFault.Is(e) ? GatewayProblem.SiloAway : GatewayProblem.CallUnchanged;
        }
    }

    private async Task<FoundCall> Find(HttpContext context, string text, bool isPatient)
    {
        var found = await calls.Find(context.Request, text);
        if (found.Route?.Cors is { } policy)
            cors.Answer(context, policy);
        if (!isPatient)
            return found;
        context.Response.Headers.Append("Vary", WaitPreference.Header);
        if (found.Problem is not null || WaitPreference.Of(context.Request.Headers[WaitPreference.Header]) is not { } seconds)
            return found;
        context.Response.Headers[WaitPreference.AppliedHeader] = $"wait={seconds}";
        if (found.Call!.Status is not CallStatus.Queued)
            return found;
        await watch.For(found.Call.Id, TimeSpan.FromSeconds(seconds), context.RequestAborted);
        // Anew, with the key: it may have been revoked meanwhile.
        return await calls.Find(context.Request, text);
    }

    private async Task<GatewayProblem?> WriteStatus(HttpContext context, CallView call)
    {
        var waiting =
            call.HasEnded || call.RunningSince is not null
                ? null
                : CallWait.Of(
                    call,
                    await repeatable.Make(
                        () => grains.GetGrain<IQueueGrain>(call.Deployment.Value).Explain([call.Id]),
                        context.RequestAborted
                    ),
                    time.GetUtcNow()
                );
        await context.Response.WriteAsJsonAsync(
            CallAnswer.Of(call, waiting),
            CallJson.Default.CallAnswer,
            cancellationToken: context.RequestAborted
        );
        return null;
    }

    private async Task<GatewayProblem?> Cancel(HttpContext context, CallView call)
    {
        var outcome = await grains
            .GetGrain<IAsyncCallGrain>(call.Id.Value)
            .Cancel(context.User.Identity?.Name ?? "a key's holder", context.RequestAborted);
        if (outcome.Succeeded)
            return await WriteStatus(context, outcome.Value);
        return outcome.Errors[0].Code is ErrorCodes.AlreadyEnded
            ? GatewayProblem.CallAlreadyEnded(outcome.Errors[0].Message)
            : GatewayProblem.CallExpired(call.Id.Value);
    }

    private async Task<GatewayProblem?> WriteResult(HttpContext context, CallView call, CorsPolicy? policy)
    {
        var (result, body, problem) = await Open(call, context.RequestAborted);
        if (problem is not null)
            return problem;
        await using var opened = body!;
        return await ResultAnswer.Write(context, call, result!, opened, policy);
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

    /// <summary>The result with its body, or why there is none.</summary>
    private async Task<(CallResult? Result, Stream? Body, GatewayProblem? Problem)> Open(CallView call, CancellationToken cancellationToken)
    {
        if (call.Status is not CallStatus.Completed)
            return (null, null, GatewayProblem.CallNotCompleted(call, time.GetUtcNow()));
        var result = await repeatable.Make(grains.GetGrain<IAsyncCallGrain>(call.Id.Value).GetResult, cancellationToken);
        var body = result switch
        {
            null => null,
            { Body: null } => Stream.Null,
            { Body.Inline: { } inline } => new MemoryStream(inline),
            { Body.Attempt: var attempt } => await bodies.Open(call.Id, BodyPart.Result(attempt), cancellationToken),
        };
        // Removed since it was found.
        return body is null ? (null, null, GatewayProblem.CallExpired(call.Id.Value)) : (result, body, null);
    }

    [LoggerMessage(Message = "{Method} of call {Call} could not be answered")]
    private static partial void LogNotAnswered(ILogger logger, LogLevel level, Exception exception, string method, string call);
}
