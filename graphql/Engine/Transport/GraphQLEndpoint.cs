using DeployCard.GraphQL.Engine.Transport.Playground;
using DeployCard.GraphQL.Engine.Transport.Sockets;
using Microsoft.AspNetCore.Http;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>One path, three visitors: a socket, a browser that opens the page, and a program.</summary>
internal sealed class GraphQLEndpoint(SocketTransport sockets, PlaygroundPage playground, HttpTransport http)
{
    public Task Handle(HttpContext context)
    {
        if (context.WebSockets.IsWebSocketRequest)
            return sockets.Handle(context);
        if (PlaygroundPage.IsWanted(context.Request))
            return playground.Send(context);
        return http.Handle(context);
    }
}
