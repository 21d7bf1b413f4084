using DeployCard.GraphQL.Engine.Errors;
using GraphQLParser;
using GraphQLParser.Exceptions;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Counts the tokens of a query before it is parsed, because a parsed megabyte of brackets would take far more memory than its text.
/// </summary>
internal sealed class TokenLimit(IOptions<GraphQLOptions> options)
{
    private readonly int maxTokens = options.Value.MaxTokens;

    /// <summary>
    /// Returns an error if the query has too many tokens; otherwise null. Syntax errors are left to the parser, which reports their
    /// location.
    /// </summary>
    public RejectionError? Validate(string query)
    {
        // Every token has at least one character.
        if (query.Length <= maxTokens)
            return null;
        try
        {
            return IsWithin(query) ? null : new(ErrorCodes.TooManyTokens, $"The document has more than {maxTokens} tokens.");
        }
        catch (GraphQLSyntaxErrorException)
        {
            return null;
        }
    }

    private bool IsWithin(ROM query)
    {
        var (position, count) = (0, 0);
        while (Lexer.Lex(query, position) is { Kind: not TokenKind.EOF } token)
        {
            if (++count > maxTokens)
                return false;
            position = token.End;
        }

        return true;
    }
}
