using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine;

/// <summary>Tells all wrong settings at once, each with its name and its environment variable.</summary>
internal sealed class GraphQLOptionsValidator : IValidateOptions<GraphQLOptions>
{
    private static readonly TimeSpan LongestTime = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, GraphQLOptions options)
    {
        string[] failures =
        [
            .. AtLeast(nameof(options.MaxBodyBytes), options.MaxBodyBytes, 1024),
            .. AtLeast(nameof(options.MaxMessageBytes), options.MaxMessageBytes, 1024),
            .. AtLeast(nameof(options.MaxOperationsPerSocket), options.MaxOperationsPerSocket, 1),
            .. AtLeast(nameof(options.MaxSubscriptionsPerToken), options.MaxSubscriptionsPerToken, 1),
            .. AtLeast(nameof(options.MaxDepth), options.MaxDepth, 1),
            .. AtLeast(nameof(options.MaxComplexity), options.MaxComplexity, 1),
            .. AtLeast(nameof(options.MaxTokens), options.MaxTokens, 100),
            .. AtLeast(nameof(options.MaxAliases), options.MaxAliases, 0),
            .. AtLeast(nameof(options.MaxPersistedOperations), options.MaxPersistedOperations, 0),
            .. AtLeast(nameof(options.MaxCachedDocuments), options.MaxCachedDocuments, 0),
            .. Time(nameof(options.ConnectionInitTimeout), options.ConnectionInitTimeout),
            .. Time(nameof(options.KeepAliveInterval), options.KeepAliveInterval),
            .. Time(nameof(options.CloseTimeout), options.CloseTimeout),
        ];
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> AtLeast(string option, int value, int least)
    {
        if (value < least)
            yield return $"{Names(option)} is {value}, but must be at least {least}.";
    }

    private static IEnumerable<string> Time(string option, TimeSpan value)
    {
        if (value <= TimeSpan.Zero || value > LongestTime)
            yield return $"{Names(option)} is {value}, but must be more than zero and at most {LongestTime}.";
    }

    private static string Names(string option) => $"{GraphQLOptions.Section}:{option} ({GraphQLOptions.Section}__{option})";
}
