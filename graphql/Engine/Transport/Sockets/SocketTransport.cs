using DeployCard.Contracts.Access;
using DeployCard.GraphQL.Engine.Execution;
using GraphQL;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine.Transport.Sockets;

/// <summary>Accepts WebSockets and serves the protocol <c>graphql-transport-ws</c> on them.</summary>
internal sealed class SocketTransport(
    ICallerAuthenticator authenticator,
    OperationRunner runner,
    SubscriptionLimiter subscriptions,
    IGraphQLTextSerializer json,
    IServiceScopeFactory scopes,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    IOptions<GraphQLOptions> options,
    ILogger<SocketTransport> logger
)
{
    private const string Protocol = "graphql-transport-ws";

    public async Task Handle(HttpContext http)
    {
        var offered = http.WebSockets.WebSocketRequestedProtocols;
        var accepted = offered.Contains(Protocol) ? Protocol : null;
        using var socket = await http.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext
            {
                // If the server does not echo the protocol, the client fails before it can read the close code.
                SubProtocol = accepted ?? offered.FirstOrDefault(),
                KeepAliveInterval = options.Value.KeepAliveInterval,
                KeepAliveTimeout = options.Value.KeepAliveInterval * 2,
            }
        );
        await using var connection = new SocketConnection(
            socket,
            options.Value.MaxMessageBytes,
            options.Value.CloseTimeout,
            time,
            http.RequestAborted
        );
        await using var stopping = lifetime.ApplicationStopping.Register(() =>
            _ = connection.Close(CloseCode.GoingAway, "Server is stopping")
        );
        if (accepted is null)
            await connection.Close(CloseCode.SubprotocolNotAcceptable, "Subprotocol not acceptable");
        var messages = new SocketMessages(connection, json);
        var greeting = new ConnectionInitHandler(http.Request, authenticator);
        var operations = new SocketOperations(messages, runner, subscriptions, scopes, options.Value, logger);
        await new SocketSession(connection, messages, greeting, operations, time, options.Value, logger).Run();
    }
}
