using DeployCard.GraphQL.Engine.Errors;
using GraphQL.Validation;
using GraphQLParser.AST;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Limits the number of aliases in a document. Without a limit, one request could repeat an expensive field thousands of times.
/// </summary>
internal sealed class AliasRule(IOptions<GraphQLOptions> options) : ValidationRuleBase
{
    private readonly int max = options.Value.MaxAliases;

    public override ValueTask<INodeVisitor?> GetPreNodeVisitorAsync(ValidationContext context)
    {
        var count = 0;
        return new(
            new MatchingNodeVisitor<GraphQLAlias>(
                (_, context) =>
                {
                    if (++count == max + 1)
                        context.ReportError(new RejectionError(ErrorCodes.TooManyAliases, $"The document has more than {max} aliases."));
                }
            )
        );
    }
}
