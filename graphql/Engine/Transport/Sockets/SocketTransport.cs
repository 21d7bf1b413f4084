using DeployCard.GraphQL.Engine.Execution;
using GraphQL;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine.Transport.Sockets;

/// <summary>Accepts WebSockets and speaks <c>graphql-transport-ws</c> on them.</summary>
internal sealed class SocketTransport(
    IGraphQLAuthenticator authenticator,
    OperationRunner runner,
    OpenSubscriptions subscriptions,
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
        var spoken = offered.Contains(Protocol) ? Protocol : null;
        using var socket = await http.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext
            {
                // A client whose protocol is not echoed fails before it can see the close code that tells it why.
                SubProtocol = spoken ?? offered.FirstOrDefault(),
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
        if (spoken is null)
            await connection.Close(CloseCode.SubprotocolNotAcceptable, "Subprotocol not acceptable");
        var messages = new SocketMessages(connection, json);
        var greeting = new SocketGreeting(http.Request, authenticator);
        var operations = new SocketOperations(messages, runner, subscriptions, scopes, options.Value, logger);
        await new SocketSession(connection, messages, greeting, operations, time, options.Value, logger).Run();
    }
}
