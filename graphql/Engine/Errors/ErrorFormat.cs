using GraphQL;
using GraphQL.Execution;

namespace DeployCard.GraphQL.Engine.Errors;

/// <summary>
/// Selects the parts of an error that are written to the response. The library's default would add names of exception types.
/// </summary>
internal sealed class ErrorFormat : IErrorInfoProvider
{
    public ErrorInfo GetInfo(ExecutionError executionError) =>
        new() { Message = executionError.Message, Extensions = Extensions(executionError) };

    private static Dictionary<string, object?>? Extensions(ExecutionError error)
    {
        if (CodeOf(error) is not { } code)
            return error.Extensions;
        var extensions = new Dictionary<string, object?> { ["code"] = code };
        foreach (var (name, value) in error.Extensions ?? [])
            extensions.TryAdd(name, value);
        return extensions;
    }

    private static string? CodeOf(ExecutionError error) =>
        error switch
        {
            RejectionError => error.Code,
            UnhandledError => ErrorCodes.Internal,
            SyntaxError => ErrorCodes.ParseFailed,
            DocumentError => ErrorCodes.InvalidDocument,
            RequestError => ErrorCodes.InvalidRequest,
            _ => error.Code,
        };
}
