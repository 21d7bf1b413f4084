using DeployCard.GraphQL.Engine.Errors;
using GraphQLParser;
using GraphQLParser.Exceptions;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>Counts the tokens of a text before it is parsed: a megabyte of brackets would cost far more memory as a document.</summary>
internal sealed class TokenLimit(IOptions<GraphQLOptions> options)
{
    private readonly int most = options.Value.MaxTokens;

    /// <summary>Why the text is refused; null when it is not. What cannot be read is left to the parser, which tells where.</summary>
    public RefusedError? Refusal(string query)
    {
        // No token is shorter than a character.
        if (query.Length <= most)
            return null;
        try
        {
            return IsWithin(query) ? null : new(ErrorCodes.TooManyTokens, $"The document has more than {most} tokens.");
        }
        catch (GraphQLSyntaxErrorException)
        {
            return null;
        }
    }

    private bool IsWithin(ROM query)
    {
        var (place, count) = (0, 0);
        while (Lexer.Lex(query, place) is { Kind: not TokenKind.EOF } token)
        {
            if (++count > most)
                return false;
            place = token.End;
        }

        return true;
    }
}
