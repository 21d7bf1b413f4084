using DeployCard.GraphQL.Engine.Execution;
using GraphQL;
using GraphQL.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>The protocol <c>graphql-sse</c> with distinct connections: one response of events for one operation.</summary>
internal sealed class EventStreamTransport(
    OperationRunner runner,
    OpenSubscriptions subscriptions,
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
            using var place = subscriptions.Open(first, http.User);
            if (place is null)
                first = new() { Errors = [subscriptions.Refusal()] };
            await using var stream = await EventStream.Open(http, time, options.Value.KeepAliveInterval, ending.Token);
            await foreach (var result in OperationResults.Of(first, ending.Token))
                await stream.Send("next", json.Serialize(result));
            if (!ending.IsCancellationRequested)
                await stream.Send("complete", "");
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The client has left or the server stops: the response just ends, and a client that stays comes back.
        }
    }
}
