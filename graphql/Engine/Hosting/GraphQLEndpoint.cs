using DeployCard.GraphQL.Engine.Transport;
using DeployCard.GraphQL.Engine.Transport.Playground;
using DeployCard.GraphQL.Engine.Transport.Sockets;
using Microsoft.AspNetCore.Http;

namespace DeployCard.GraphQL.Engine.Hosting;

/// <summary>Dispatches requests of the endpoint's path to the WebSocket transport, the playground page or the HTTP transport.</summary>
internal sealed class GraphQLEndpoint(SocketTransport sockets, PlaygroundPage playground, HttpTransport http)
{
    public Task Handle(HttpContext context)
    {
        if (context.WebSockets.IsWebSocketRequest)
            return sockets.Handle(context);
        if (PlaygroundPage.IsRequested(context.Request))
            return playground.Send(context);
        return http.Handle(context);
    }
}
