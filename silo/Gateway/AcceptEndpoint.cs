using DeployCard.Grains.AsyncCalls;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Gateway;

/// <summary>Accepts an asynchronous call: 202 only after it is stored.</summary>
internal sealed partial class AcceptEndpoint(
    IGrainFactory grains, BodyReader bodies, CallbackHeader callbacks, ForwardedHeaders forwarded, IOptions<AsyncCallOptions> options, TimeProvider time,
    ILogger<AcceptEndpoint> logger)
{
    /// <summary>Answers, or returns why it does not accept.</summary>
    public async Task<GatewayProblem?> Handle(HttpContext context, Route route)
    {
        var (limits, problem) = CallHeaders.Limits(context.Request.Headers);
        if (problem is not null)
            return problem;
        var (callback, wrongCallback) = callbacks.Read(context.Request.Headers, route);
        if (wrongCallback is not null)
            return wrongCallback;
        var most = options.Value.MostRequestBytes;
        if (context.Request.ContentLength > most)
            return GatewayProblem.BodyTooLarge(most);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;

        var id = CallId.New(time.GetUtcNow());
        try
        {
            var (body, isTooLarge) = await bodies.Read(id, BodyPart.Request, context.Request.Body, most, context.RequestAborted);
            if (isTooLarge)
                return GatewayProblem.BodyTooLarge(most);
            // Whoever asked is asked about later by the pod, too.
            forwarded.Set(context, PodTarget.Start + route.Deployment.Value);
            var target = PodTarget.Of(context, route.Deployment.Value).ToString();
            var request = new CallRequest(context.Request.Method, target, CallHeaders.Kept(context.Request.Headers), body);
            await grains.GetGrain<IAsyncCallGrain>(id.Value).Accept(new(route.Deployment, route.Uid, request, limits, callback), CancellationToken.None);
        }
        catch (Exception e) when (e is not (OperationCanceledException or BadHttpRequestException))
        {
            LogNotAccepted(logger, e, route.Deployment.Value);
            return GatewayProblem.StorageAway;
        }

        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers.Location = $"/calls/{id}";
        await context.Response.WriteAsJsonAsync(new CallAccepted(id.Value), CallJson.Default.CallAccepted, cancellationToken: context.RequestAborted);
        return null;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "An asynchronous call of deployment {Deployment} could not be stored")]
    private static partial void LogNotAccepted(ILogger logger, Exception exception, string deployment);
}
