using System.Text.Json;
using GraphQL;
using GraphQL.Transport;

namespace DeployCard.GraphQL.Engine.Transport.Sockets;

/// <summary>Serializes and deserializes the messages of <c>graphql-transport-ws</c>.</summary>
internal sealed class SocketMessages(SocketConnection connection, IGraphQLTextSerializer json)
{
    public Task Acknowledge() => Send(new() { Type = "connection_ack" });

    public Task Pong(object? payload) => Send(new() { Type = "pong", Payload = payload });

    public Task Next(string id, ExecutionResult result) =>
        Send(
            new()
            {
                Id = id,
                Type = "next",
                Payload = result,
            }
        );

    public Task Error(string id, IEnumerable<ExecutionError> errors) =>
        Send(
            new()
            {
                Id = id,
                Type = "error",
                Payload = errors,
            }
        );

    public Task Complete(string id) => Send(new() { Id = id, Type = "complete" });

    /// <summary>Returns the received message, or null if the text is not a valid message.</summary>
    public async Task<OperationMessage?> Read(Stream text)
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

    /// <summary>Returns the payload of a message, or null if it does not have the expected type.</summary>
    public T? Payload<T>(OperationMessage message)
        where T : class
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

    private async Task Send(OperationMessage message)
    {
        using var text = new MemoryStream();
        await json.WriteAsync(text, message);
        await connection.Send(text.GetBuffer().AsMemory(0, (int)text.Length));
    }

    private static bool IsUnreadable(Exception failure) =>
        failure is JsonException or InvalidOperationException or NotSupportedException or FormatException;
}
