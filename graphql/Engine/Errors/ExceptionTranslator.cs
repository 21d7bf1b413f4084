using GraphQL;
using GraphQL.Execution;
using Microsoft.Extensions.Logging;

namespace DeployCard.GraphQL.Engine.Errors;

/// <summary>Turns what a resolver throws into what its caller may see: an <see cref="ApiException"/> as it is, anything else as a bug.</summary>
internal sealed partial class ExceptionTranslator(ILogger<ExceptionTranslator> logger)
{
    public Task TranslateAsync(UnhandledExceptionContext context)
    {
        if (context.OriginalException is ApiException known)
        {
            context.Exception = new ExecutionError(known.Message) { Code = known.Code, Extensions = new Dictionary<string, object?>(known.Extensions) };
            return Task.CompletedTask;
        }
        context.ErrorMessage = "Internal error.";
        Log.ResolverFailed(logger, context.FieldContext?.ParentType?.Name, context.FieldContext?.FieldDefinition.Name, context.OriginalException);
        return Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The GraphQL field {Type}.{Field} failed; its caller was told INTERNAL.")]
        public static partial void ResolverFailed(ILogger logger, string? type, string? field, Exception exception);
    }
}
