using DeployCard.GraphQL.Engine.Execution;
using GraphQL;
using GraphQL.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>Implements the protocol <c>graphql-sse</c> with distinct connections: one response of events per operation.</summary>
internal sealed class EventStreamTransport(
    OperationRunner runner,
    SubscriptionLimiter subscriptions,
    IGraphQLTextSerializer json,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    IOptions<GraphQLOptions> options
)
{
    public async Task Send(HttpContext http, GraphQLRequest request)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            var first = await runner.Run(request, http.User, http.RequestServices, HttpMethods.IsGet(http.Request.Method), ending.Token);
            using var slot = subscriptions.TryOpen(first, http.User);
            if (slot is null)
                first = new() { Errors = [subscriptions.CreateLimitError()] };
            await using var stream = await EventStream.Open(http, time, options.Value.KeepAliveInterval, ending.Token);
            await foreach (var result in OperationResults.ReadAll(first, ending.Token))
                await stream.Send("next", json.Serialize(result));
            if (!ending.IsCancellationRequested)
                await stream.Send("complete", "");
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The client has disconnected or the server is stopping. Without a complete event, a connected client reconnects.
        }
    }
}
