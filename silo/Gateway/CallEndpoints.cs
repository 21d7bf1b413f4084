using System.Text.Json;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Results;

namespace DeployCard.Silo.Gateway;

/// <summary>Status, result and cancellation of asynchronous calls. All need a key of the call's deployment.</summary>
internal sealed partial class CallEndpoints(
    IGrainFactory grains, RouteTable routes, KeyCheck keys, Cors cors, IBodyStore bodies, TimeProvider time, ILogger<CallEndpoints> logger)
{
    /// <summary>Tells a browser whether a page of another origin may ask for a call.</summary>
    public async Task Preflight(HttpContext context, string id)
    {
        if (await Route(id) is not (_, { Cors: { } policy }) || !cors.Answer(context, policy))
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
    }

    public Task Status(HttpContext context, string id) => Answer(context, id, (call, _) => WriteStatus(context, call));

    public Task Result(HttpContext context, string id) => Answer(context, id, (call, grain) => WriteResult(context, call, grain));

    public Task Document(HttpContext context, string id) => Answer(context, id, (call, grain) => WriteDocument(context, call, grain));

    public Task Cancel(HttpContext context, string id) => Answer(context, id, (_, grain) => Cancel(context, grain));

    private async Task Answer(HttpContext context, string text, Func<CallView, IAsyncCallGrain, Task<GatewayProblem?>> answer)
    {
        RequestId.Ensure(context);
        if (await AnswerOrProblem(context, text, answer) is { } problem)
            await problem.Write(context);
    }

    private async Task<GatewayProblem?> AnswerOrProblem(HttpContext context, string text, Func<CallView, IAsyncCallGrain, Task<GatewayProblem?>> answer)
    {
        try
        {
            return await Find(context, text) switch
            {
                (null, { } refused) => refused,
                ({ } call, _) => await answer(call, grains.GetGrain<IAsyncCallGrain>(call.Id.Value)),
                _ => GatewayProblem.CallNotFound(text),
            };
        }
        // An answer that has begun is broken off, which the server sees to.
        catch (Exception e) when (e is not OperationCanceledException && !context.Response.HasStarted)
        {
            LogNotAnswered(logger, e, context.Request.Method, text);
            return GatewayProblem.CallUnchanged;
        }
    }

    private async Task<(CallView? Call, GatewayProblem? Problem)> Find(HttpContext context, string text)
    {
        var (call, route) = await Route(text);
        if (route?.Cors is { } policy)
            cors.Answer(context, policy);
        if (call is null || route is null)
            // Which ids there are is told only to those who have a key at all.
            return (null, await keys.IsKnown(context.Request) ? GatewayProblem.CallNotFound(text) : GatewayProblem.KeyUnknown);
        if (route.Route.State is Grains.Routing.RouteState.Deleted)
            return (null, GatewayProblem.Deleted(call.Deployment.Value));
        return await keys.Check(context.Request, route) is { } refused ? (null, refused) : (call, null);
    }

    private async Task<(CallView? Call, GateRoute? Route)> Route(string text)
    {
        var call = CallId.TryParse(text, out var id) ? await grains.GetGrain<IAsyncCallGrain>(id.Value).Get() : null;
        return (call, call is null ? null : (await routes.Find(call.Deployment.Value))?.Current);
    }

    private async Task<GatewayProblem?> WriteStatus(HttpContext context, CallView call)
    {
        var waiting = call.HasEnded || call.RunningSince is not null ? null
            : CallWait.Of(call, await grains.GetGrain<IQueueGrain>(call.Deployment.Value).Explain([call.Id]), time.GetUtcNow());
        await context.Response.WriteAsJsonAsync(CallAnswer.Of(call, waiting), CallJson.Default.CallAnswer, cancellationToken: context.RequestAborted);
        return null;
    }

    private async Task<GatewayProblem?> Cancel(HttpContext context, IAsyncCallGrain grain)
    {
        var outcome = await grain.Cancel("a key's holder", context.RequestAborted);
        if (outcome.Succeeded)
            return await WriteStatus(context, outcome.Value);
        return outcome.Errors[0].Code is ErrorCodes.AlreadyEnded
            ? new(409, "CALL_ALREADY_ENDED", "The call has ended", outcome.Errors[0].Message)
            : GatewayProblem.CallNotFound(grain.GetPrimaryKeyString());
    }

    private static async Task<(CallResult? Result, GatewayProblem? Problem)> ResultOf(CallView call, IAsyncCallGrain grain) =>
        call.Status is CallStatus.Completed && await grain.GetResult() is { } result
            ? (result, null)
            : (null, GatewayProblem.CallNotCompleted(JsonNamingPolicy.SnakeCaseUpper.ConvertName(call.Status.ToString()), call.ErrorMessage));

    private async Task<GatewayProblem?> WriteResult(HttpContext context, CallView call, IAsyncCallGrain grain)
    {
        var (result, problem) = await ResultOf(call, grain);
        if (result is null)
            return problem;
        await using var body = await Open(call.Id, result, context.RequestAborted);
        context.Response.StatusCode = result.StatusCode;
        foreach (var header in result.Headers)
            context.Response.Headers.Append(header.Name, header.Value);
        // 204 and 304 have no body, and say no length.
        if (result.Body is not { } stored)
            return null;
        context.Response.ContentLength = stored.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await body.CopyToAsync(context.Response.Body, context.RequestAborted);
        return null;
    }

    private async Task<GatewayProblem?> WriteDocument(HttpContext context, CallView call, IAsyncCallGrain grain)
    {
        var (result, problem) = await ResultOf(call, grain);
        if (result is null)
            return problem;
        using var bytes = new MemoryStream();
        await using (var body = await Open(call.Id, result, context.RequestAborted))
            await body.CopyToAsync(bytes, context.RequestAborted);
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{call.Id}.json\"";
        await context.Response.WriteAsJsonAsync(ResultDocument.Of(call.Id, result, bytes.GetBuffer().AsMemory(0, (int)bytes.Length)), CallJson.Default.ResultDocument, cancellationToken: context.RequestAborted);
        return null;
    }

    private async Task<Stream> Open(CallId id, CallResult result, CancellationToken cancellationToken) => result.Body switch
    {
        null => Stream.Null,
        { Inline: { } inline } => new MemoryStream(inline),
        _ => await bodies.Open(id, BodyPart.Result(result.Body.Attempt), cancellationToken)
            ?? throw new InvalidOperationException($"The body of the result of call {id} is gone."),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} of call {Call} could not be answered")]
    private static partial void LogNotAnswered(ILogger logger, Exception exception, string method, string call);
}
