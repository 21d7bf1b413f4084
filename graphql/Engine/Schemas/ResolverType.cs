using System.Linq.Expressions;
using System.Reflection;
using DeployCard.GraphQL.Engine.Execution;
using GraphQL;
using GraphQL.Types;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>The fields of one resolver class, whose instance comes from the operation's container. They are moved to their root.</summary>
internal sealed class ResolverType<T>(IServiceProviderIsService services) : OutputType<T>(services)
    where T : class
{
    private static readonly Expression<Func<IResolveFieldContext, T>> Instance = field => field.RequestServices!.GetRequiredService<T>();
    private static readonly MethodInfo ArgumentOfType = typeof(ResolverType<T>).GetMethod(
        nameof(Argument),
        BindingFlags.Static | BindingFlags.NonPublic
    )!;

    protected override LambdaExpression BuildMemberInstanceExpression(MemberInfo memberInfo) => Instance;

    /// <summary>Properties of a resolver class are its own affair.</summary>
    protected override IEnumerable<MemberInfo> GetRegisteredMembers() => base.GetRegisteredMembers().OfType<MethodInfo>();

    protected override FieldType? CreateField(MemberInfo memberInfo)
    {
        var field = base.CreateField(memberInfo);
        if (field is not null && memberInfo is MethodInfo method && IsStream(method.ReturnType))
            field.StreamResolver = new PulledStreamResolver(method, Instance, ArgumentsOf(method, field));
        return field;
    }

    private static bool IsStream(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>);

    // The library has built these once for its own resolver, but keeps them to itself.
    private List<LambdaExpression> ArgumentsOf(MethodInfo method, FieldType field)
    {
        var declared = new Queue<QueryArgument>(field.Arguments ?? []);
        return [.. method.GetParameters().Select(parameter => FromContext(parameter, field) ?? FromRequest(parameter, declared.Dequeue()))];
    }

    private LambdaExpression? FromContext(ParameterInfo parameter, FieldType field) =>
        (
            (ArgumentInformation)
                typeof(ResolverType<T>)
                    .GetMethod(nameof(GetArgumentInformation), BindingFlags.Instance | BindingFlags.NonPublic)!
                    .MakeGenericMethod(parameter.ParameterType)
                    .Invoke(this, [field, parameter])!
        ).Expression;

    private static LambdaExpression FromRequest(ParameterInfo parameter, QueryArgument argument)
    {
        var context = Expression.Parameter(typeof(IResolveFieldContext));
        return Expression.Lambda(
            Expression.Call(ArgumentOfType.MakeGenericMethod(parameter.ParameterType), context, Expression.Constant(argument)),
            context
        );
    }

    private static TArgument? Argument<TArgument>(IResolveFieldContext field, QueryArgument argument) =>
        field.GetArgument<TArgument>(argument.Name);
}
