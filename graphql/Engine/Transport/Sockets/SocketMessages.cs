using System.Text.Json;
using GraphQL;
using GraphQL.Transport;

namespace DeployCard.GraphQL.Engine.Transport.Sockets;

/// <summary>The messages of <c>graphql-transport-ws</c>, to and from JSON.</summary>
internal sealed class SocketMessages(SocketConnection connection, IGraphQLTextSerializer json)
{
    public Task AcknowledgeAsync() => SendAsync(new() { Type = "connection_ack" });

    public Task PongAsync(object? payload) => SendAsync(new() { Type = "pong", Payload = payload });

    public Task NextAsync(string id, ExecutionResult result) => SendAsync(new() { Id = id, Type = "next", Payload = result });

    public Task ErrorAsync(string id, IEnumerable<ExecutionError> errors) => SendAsync(new() { Id = id, Type = "error", Payload = errors });

    public Task CompleteAsync(string id) => SendAsync(new() { Id = id, Type = "complete" });

    /// <summary>A message as it came in; null when it is none.</summary>
    public async Task<OperationMessage?> ReadAsync(Stream text)
    {
        try
        {
            return await json.ReadAsync<OperationMessage>(text);
        }
        catch (Exception failure) when (IsUnreadable(failure))
        {
            return null;
        }
    }

    /// <summary>A message's payload as what it should be; null when it is not.</summary>
    public T? Payload<T>(OperationMessage message) where T : class
    {
        try
        {
            return json.ReadNode<T>(message.Payload);
        }
        catch (Exception failure) when (IsUnreadable(failure))
        {
            return null;
        }
    }

    private async Task SendAsync(OperationMessage message)
    {
        using var text = new MemoryStream();
        await json.WriteAsync(text, message);
        await connection.SendAsync(text.GetBuffer().AsMemory(0, (int)text.Length));
    }

    private static bool IsUnreadable(Exception failure) => failure is JsonException or InvalidOperationException or NotSupportedException or FormatException;
}
